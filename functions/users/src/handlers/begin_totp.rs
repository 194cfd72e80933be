//! `POST /me/totp`: a secret for an authenticator app. Nothing is asked of it at sign-in before `PUT /me/totp` shows that it works.
//!
//! It takes the password: whoever borrowed a token could otherwise set up an app of their own, and the owner would never get in again.

use api::{Authenticator, Code, Problem, Request, Response, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cognito::Refused;
use crate::domain::{AccessToken, Password, TotpSecret};
use crate::handlers::changes::known;
use crate::handlers::profiles::LoadProfile;
use crate::handlers::proof::{ProvePassword, access_token, prove};
use crate::handlers::tries::{CountTry, Gate};

pub trait BeginTotp {
    async fn begin_totp(&self, token: &AccessToken) -> Result<TotpSecret, Refused>;
}

pub struct Deps<T, C, S> {
    pub auth: Authenticator,
    pub gate: Gate<T>,
    pub cognito: C,
    pub users: S,
    /// What an app shows beside the codes.
    pub shop_name: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BeginTotp")]
pub struct Enrolment {
    password: Password,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TotpSecret")]
pub struct TotpSecretView {
    /// For typing in: Base32.
    secret: String,
    /// For a QR code: `otpauth://totp/…`.
    link: String,
}

pub async fn handle<C: ProvePassword + BeginTotp>(
    deps: &Deps<impl CountTry, C, impl LoadProfile>,
    request: Request,
) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let token = access_token(&request)?;
    let Enrolment { password } = request.json()?;
    let profile = known(&deps.users, &user.id).await?;
    // Another app in the place of the first would be its removal without the password.
    if profile.totp_since.is_some() {
        return Err(Problem::new(Code::TotpActive));
    }
    prove(&deps.gate, &deps.cognito, &profile, &password, &request).await?;
    let secret = deps.cognito.begin_totp(&token).await?;
    let link = secret.link(&deps.shop_name, &profile.email);
    Ok(Response::new(StatusCode::CREATED, &TotpSecretView { secret: secret.as_str().to_owned(), link }))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use kernel::Email;
    use serde_json::json;

    use super::*;
    use crate::domain::Profile;
    use crate::domain::samples::{ADA, ada};
    use crate::handlers::fakes::OneUser;
    use crate::handlers::tries::fakes::gate;

    /// How many secrets were given.
    #[derive(Default)]
    struct Cognito(Mutex<u32>);

    impl ProvePassword for Cognito {
        async fn prove_password(&self, email: &Email, password: &Password) -> Result<(), Refused> {
            let is_right = (email.as_str(), password.as_str()) == ("ada@example.com", "correct horse");
            if is_right { Ok(()) } else { Err(Refused::Credentials) }
        }
    }

    impl BeginTotp for Cognito {
        async fn begin_totp(&self, token: &AccessToken) -> Result<TotpSecret, Refused> {
            assert_eq!(token.as_str(), "token");
            *self.0.lock().unwrap() += 1;
            Ok(TotpSecret::new("JBSWY3DPEHPK3PXP".into()))
        }
    }

    /// The answer, and how many secrets were given.
    async fn begin(profile: Profile, password: &str) -> (Result<Response, Problem>, u32) {
        let (auth, users, cognito) = (testkit::auth::authenticator(), OneUser::new(profile), Cognito::default());
        let deps = Deps { auth, gate: gate(1), cognito, users, shop_name: "Souk".into() };
        let request = testkit::request::post("/me/totp").authorized(ADA, "").header("authorization", "Bearer token");
        let answer = handle(&deps, request.json(json!({ "password": password })).build()).await;
        (answer, deps.cognito.0.into_inner().unwrap())
    }

    #[tokio::test]
    async fn an_app_is_given_its_secret_as_text_and_as_a_link() {
        let answer = begin(ada(), "correct horse").await.0.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        let link = "otpauth://totp/Souk:ada%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Souk";
        assert_eq!(testkit::json(&answer), json!({ "secret": "JBSWY3DPEHPK3PXP", "link": link }));
    }

    #[tokio::test]
    async fn a_borrowed_token_without_the_password_sets_up_no_app() {
        let (answer, given) = begin(ada(), "wrong").await;
        assert_eq!((answer.unwrap_err().code(), given), (Code::CredentialsInvalid, 0));
    }

    #[tokio::test]
    async fn an_app_that_is_set_up_has_to_go_before_another_comes() {
        let protected = Profile { totp_since: Some(testkit::now()), ..ada() };
        let (answer, given) = begin(protected, "correct horse").await;
        assert_eq!((answer.unwrap_err().code(), given), (Code::TotpActive, 0));
    }
}
