use aws_sdk_cognitoidentityprovider::types::AuthenticationResultType;
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
    fn what_is_no_id_token_is_a_failure() {
        for broken in ["", "a", "a.b", "a.!.c", "a.e30.c"] {
            assert!(matches!(tokens(broken.to_owned()).account(), Err(Refused::Failed(_))), "{broken}");
        }
    }
}
