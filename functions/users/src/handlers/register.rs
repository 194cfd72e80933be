//! `POST /users`: opens an account, which the code in the mail confirms.
//!
//! Whoever asks learns nothing of who has an account: a taken address is answered as a new one.

use api::{Code, Problem, Request, Response, StatusCode};
use kernel::{Email, Locale};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cognito::Refused;
use crate::domain::{Name, Password};

pub trait SignUp {
    async fn sign_up(&self, email: &Email, password: &Password, name: &Name, locale: Locale) -> Result<(), Refused>;
}

pub struct Deps<C> {
    pub cognito: C,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    email: Email,
    /// 10 to 256 characters.
    password: Password,
    name: Name,
    /// The language of the mails.
    #[serde(default)]
    locale: Locale,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Registration")]
pub struct RegistrationView {
    pub(crate) email: Email,
    pub(crate) status: RegistrationStatus,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationStatus {
    ConfirmationRequired,
    Confirmed,
}

pub async fn handle(deps: &Deps<impl SignUp>, request: Request) -> Result<Response, Problem> {
    let Register { email, password, name, locale } = request.json()?;
    if let Some(rule) = password.weakness() {
        return Err(Problem::detailed(Code::PasswordTooWeak, rule).at("/password"));
    }
    match deps.cognito.sign_up(&email, &password, &name, locale).await {
        Ok(()) | Err(Refused::AddressTaken) => {}
        Err(refused) => return Err(refused.into()),
    }
    Ok(Response::new(
        StatusCode::CREATED,
        &RegistrationView { email, status: RegistrationStatus::ConfirmationRequired },
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A pool where ada@example.com is taken.
    struct Cognito;

    impl SignUp for Cognito {
        async fn sign_up(&self, email: &Email, _: &Password, _: &Name, _: Locale) -> Result<(), Refused> {
            if email.as_str() == "ada@example.com" { Err(Refused::AddressTaken) } else { Ok(()) }
        }
    }

    async fn register(body: Value) -> Result<Response, Problem> {
        handle(&Deps { cognito: Cognito }, testkit::request::post("/users").json(body).build()).await
    }

    fn body(email: &str) -> Value {
        json!({ "email": email, "password": "correct horse", "name": "Ada" })
    }

    #[tokio::test]
    async fn a_new_and_a_taken_address_are_answered_alike() {
        for (email, small) in [("Eve@Example.com", "eve@example.com"), ("Ada@example.com", "ada@example.com")] {
            let response = register(body(email)).await.unwrap();
            assert_eq!(response.status(), StatusCode::CREATED);
            assert_eq!(testkit::json(&response), json!({ "email": small, "status": "confirmation_required" }));
        }
    }

    #[tokio::test]
    async fn a_weak_password_is_refused_alike_for_a_new_and_a_taken_address() {
        for email in ["eve@example.com", "ada@example.com"] {
            let mut body = body(email);
            body["password"] = json!("short");
            let problem = register(body).await.unwrap_err();
            assert_eq!(
                (problem.code(), problem.detail()),
                (Code::PasswordTooWeak, "A password has at least 10 characters.")
            );
        }
    }

    #[tokio::test]
    async fn all_faults_are_named_together() {
        let problem =
            register(json!({ "email": "nobody", "password": "", "name": " ", "role": "admin" })).await.unwrap_err();
        let pointers: Vec<&str> = problem.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/email", "/password", "/name", "/role"]);
    }
}
