//! `POST /me/email-changes`: a code is mailed to the new address, and until it comes back nothing changes.
//!
//! Whoever asks learns nothing of who has an account: a taken address is answered as a free one, and its mailbox hears nothing.

use api::{Authenticator, Problem, Request, Response, StatusCode};
use dynamo::StoreError;
use kernel::{Email, Fault, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing::info;

use crate::cognito::Refused;
use crate::domain::{AccessToken, Password};
use crate::handlers::changes::known;
use crate::handlers::profiles::LoadProfile;
use crate::handlers::proof::{ProvePassword, access_token, prove};
use crate::handlers::tries::{CountTry, Gate};

/// Holds an address for somebody, unless another has it or holds it; whether it is held for them now.
pub trait HoldEmail {
    async fn hold_email(&self, email: &Email, user: &UserId, now: Timestamp) -> Result<bool, StoreError>;
}

pub trait MailCode {
    async fn mail_code(&self, token: &AccessToken, email: &Email) -> Result<(), Refused>;
}

pub struct Deps<T, C, S> {
    pub auth: Authenticator,
    pub gate: Gate<T>,
    pub cognito: C,
    pub users: S,
    pub now: fn() -> Timestamp,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// The new address.
    email: Email,
    /// Whoever has the address can reset the password, so a borrowed token is not enough.
    password: Password,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EmailChange")]
pub struct EmailChangeView {
    email: Email,
    /// `code_sent`.
    status: &'static str,
}

pub async fn handle<C: ProvePassword + MailCode, S: LoadProfile + HoldEmail>(
    deps: &Deps<impl CountTry, C, S>,
    request: Request,
) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let token = access_token(&request)?;
    let ChangeEmail { email, password } = request.json()?;
    let profile = known(&deps.users, &user.id).await?;
    if email == profile.email {
        let detail = "This is the account's address already.".into();
        return Err(Problem::invalid(vec![Fault { pointer: "/email".into(), code: "unchanged", detail }]));
    }
    prove(&deps.gate, &deps.cognito, &profile, &password, &request).await?;
    // Held before Cognito is asked: of two who want one address, one gets no code.
    if !deps.users.hold_email(&email, &user.id, (deps.now)()).await? {
        info!(user_id = %user.id, "an address that is taken was asked for");
        return Ok(code_sent(email));
    }
    match deps.cognito.mail_code(&token, &email).await {
        // Cognito says of a taken address what it says of a wrong code.
        Ok(()) | Err(Refused::WrongCode) => Ok(code_sent(email)),
        Err(refused) => Err(refused.into()),
    }
}

fn code_sent(email: Email) -> Response {
    Response::new(StatusCode::ACCEPTED, &EmailChangeView { email, status: "code_sent" })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use api::Code;
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::Profile;
    use crate::domain::samples::{ADA, ada};
    use crate::handlers::tries::fakes::gate;

    /// Knows Ada's password, and whom it mailed.
    #[derive(Default)]
    struct Cognito {
        mailed: Mutex<Vec<String>>,
        alias_exists: bool,
    }

    impl ProvePassword for Cognito {
        async fn prove_password(&self, email: &Email, password: &Password) -> Result<(), Refused> {
            let is_right = (email.as_str(), password.as_str()) == ("ada@example.com", "correct horse");
            if is_right { Ok(()) } else { Err(Refused::Credentials) }
        }
    }

    impl MailCode for Cognito {
        async fn mail_code(&self, _: &AccessToken, email: &Email) -> Result<(), Refused> {
            if self.alias_exists {
                return Err(Refused::WrongCode);
            }
            self.mailed.lock().unwrap().push(email.to_string());
            Ok(())
        }
    }

    /// Ada's profile, in a table where bob@example.com is taken.
    struct Users;

    impl LoadProfile for Users {
        async fn load_profile(&self, _: &UserId) -> Result<Option<Profile>, StoreError> {
            Ok(Some(ada()))
        }
    }

    impl HoldEmail for Users {
        async fn hold_email(&self, email: &Email, user: &UserId, _: Timestamp) -> Result<bool, StoreError> {
            assert_eq!(user.as_str(), ADA);
            Ok(email.as_str() != "bob@example.com")
        }
    }

    /// The answer, and who got a code.
    async fn change(cognito: Cognito, body: Value) -> (Result<Response, Problem>, Vec<String>) {
        let auth = testkit::auth::authenticator();
        let deps = Deps { auth, gate: gate(1), cognito, users: Users, now: testkit::now };
        let request =
            testkit::request::post("/me/email-changes").authorized(ADA, "").header("authorization", "Bearer t");
        (handle(&deps, request.json(body).build()).await, deps.cognito.mailed.into_inner().unwrap())
    }

    fn wish(email: &str) -> Value {
        json!({ "email": email, "password": "correct horse" })
    }

    #[tokio::test]
    async fn a_free_address_gets_a_code_and_a_taken_one_the_same_answer() {
        let taken_at_cognito = Cognito { alias_exists: true, ..Cognito::default() };
        for (cognito, email, small, codes) in [
            (Cognito::default(), "Countess@Example.com", "countess@example.com", 1),
            (Cognito::default(), "Bob@example.com", "bob@example.com", 0),
            (taken_at_cognito, "eve@example.com", "eve@example.com", 0),
        ] {
            let (answer, mailed) = change(cognito, wish(email)).await;
            let answer = answer.unwrap();
            assert_eq!((answer.status(), mailed.len()), (StatusCode::ACCEPTED, codes), "{email}");
            assert_eq!(testkit::json(&answer), json!({ "email": small, "status": "code_sent" }));
        }
    }

    #[tokio::test]
    async fn a_borrowed_token_without_the_password_moves_nobody() {
        let body = json!({ "email": "eve@example.com", "password": "wrong" });
        let (answer, mailed) = change(Cognito::default(), body).await;
        assert_eq!((answer.unwrap_err().code(), mailed.len()), (Code::CredentialsInvalid, 0));
    }

    #[tokio::test]
    async fn the_address_that_somebody_has_is_no_new_one() {
        let (answer, mailed) = change(Cognito::default(), wish("ADA@example.com")).await;
        let problem = answer.unwrap_err();
        assert_eq!((problem.code(), problem.faults()[0].pointer.as_str()), (Code::ValidationFailed, "/email"));
        assert!(mailed.is_empty());
    }
}
