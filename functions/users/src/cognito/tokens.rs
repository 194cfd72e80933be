use aws_sdk_cognitoidentityprovider::types::{AuthenticationResultType, ChallengeNameType};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::cognito::Refused;
use crate::domain::Account;

/// What somebody who proved who they are gets from Cognito.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    pub access_token: String,
    pub id_token: String,
    /// Only the first time; refreshing gives none.
    pub refresh_token: Option<String>,
    /// Seconds that the access and id token are good for.
    pub expires_in: u32,
}

/// How much somebody has proved of being who they say.
pub enum Proved {
    Everything(Tokens),
    /// The password was right, and the code of the authenticator app is wanted, with this session.
    Password {
        session: String,
    },
}

impl Proved {
    pub(crate) fn read(
        tokens: Option<AuthenticationResultType>,
        challenge: Option<ChallengeNameType>,
        session: Option<String>,
    ) -> Result<Self, Refused> {
        match (tokens, challenge, session) {
            (Some(tokens), _, _) => Tokens::read(tokens).map(Self::Everything),
            (None, Some(ChallengeNameType::SoftwareTokenMfa), Some(session)) => Ok(Self::Password { session }),
            (None, Some(other), _) => Err(Refused::Unfinished(format!("the step {other}"))),
            (None, None, _) => Err(Refused::failed("Cognito's answer has neither tokens nor a challenge")),
        }
    }

    /// The tokens, where nothing more can be wanted.
    pub(crate) fn everything(self) -> Result<Tokens, Refused> {
        match self {
            Self::Everything(tokens) => Ok(tokens),
            Self::Password { .. } => Err(Refused::failed("Cognito wants a second factor once more")),
        }
    }
}

/// What Souk reads of an id token.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    email: String,
    name: Option<String>,
    locale: Option<String>,
}

impl Tokens {
    pub(crate) fn read(answer: AuthenticationResultType) -> Result<Self, Refused> {
        let (Some(access_token), Some(id_token)) = (answer.access_token, answer.id_token) else {
            return Err(Refused::failed("Cognito's answer has no tokens"));
        };
        let expires_in = u32::try_from(answer.expires_in).map_err(Refused::failed)?;
        Ok(Self { access_token, id_token, refresh_token: answer.refresh_token, expires_in })
    }

    /// Whose tokens these are. The id token came straight from Cognito over TLS, so its signature has nothing to add.
    ///
    /// # Errors
    /// When the id token is not one of this pool's form.
    pub fn account(&self) -> Result<Account, Refused> {
        let payload = self.id_token.split('.').nth(1).ok_or_else(|| Refused::failed("the id token has no payload"))?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(Refused::failed)?;
        let claims: Claims = serde_json::from_slice(&payload).map_err(Refused::failed)?;
        Account::read(&claims.sub, &claims.email, claims.name.as_deref(), claims.locale.as_deref())
            .map_err(Refused::failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(id_token: String) -> Tokens {
        Tokens { access_token: "a".into(), id_token, refresh_token: None, expires_in: 900 }
    }

    #[test]
    fn the_id_token_says_whose_tokens_they_are() {
        let claims = r#"{"sub":"b3f0c1de-5a5e-4c7f-9d0e-1f6a2b3c4d5e","email":"Ada@example.com","name":"Ada","cognito:groups":["admin"]}"#;
        let account = tokens(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))).account().ok();
        assert_eq!(account.map(|account| account.email.to_string()).as_deref(), Some("ada@example.com"));
    }

    #[test]
    fn a_challenge_is_what_somebody_with_an_authenticator_app_gets_for_the_password() {
        let totp = Proved::read(None, Some(ChallengeNameType::SoftwareTokenMfa), Some("session".into()));
        assert!(matches!(totp, Ok(Proved::Password { session }) if session == "session"));
        let console = Proved::read(None, Some(ChallengeNameType::NewPasswordRequired), Some("session".into()));
        assert!(matches!(console, Err(Refused::Unfinished(_))));
        assert!(matches!(Proved::read(None, None, None), Err(Refused::Failed(_))));
    }

    #[test]
    fn what_is_no_id_token_is_a_failure() {
        for broken in ["", "a", "a.b", "a.!.c", "a.e30.c"] {
            assert!(matches!(tokens(broken.to_owned()).account(), Err(Refused::Failed(_))), "{broken}");
        }
    }
}
