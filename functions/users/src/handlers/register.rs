//! `POST /users`: opens an account, which the code in the mail confirms.
//!
//! Whoever asks learns nothing of who has an account: a taken address is answered as a new one, after the same work.

use api::{Code, Problem, Request, Response, StatusCode};
use kernel::{Email, Fault, Locale, Ulid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::cognito::Refused;
use crate::domain::{CodeKind, Name, Password};
use crate::handlers::codes::{CodeWanted, QueueCode};
use crate::handlers::tries::{CountRegistration, Gate};

pub trait SignUp {
    async fn sign_up(&self, email: &Email, password: &Password, name: &Name, locale: Locale) -> Result<(), Refused>;
}

pub struct Deps<G, C, Q> {
    pub gate: Gate<G>,
    pub cognito: C,
    pub queue: Q,
    pub new_id: fn() -> Ulid,
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
    /// Confirmed, and without a password: several have registered with the address. Another code is under way, for
    /// `POST /password-resets/confirmations`.
    PasswordRequired,
}

pub async fn handle(
    deps: &Deps<impl CountRegistration, impl SignUp, impl QueueCode>,
    request: Request,
) -> Result<Response, Problem> {
    let Register { email, password, name, locale } = request.json()?;
    if let Some(rule) = password.weakness() {
        return Err(Problem::detailed(Code::PasswordTooWeak, rule).at("/password"));
    }
    if !email.can_exist() {
        let detail = "No mail reaches this address.".into();
        return Err(Problem::invalid(vec![Fault { pointer: "/email".into(), code: "invalid_email", detail }]));
    }
    deps.gate.admit_registration(&email, &request).await?;
    let kind = match deps.cognito.sign_up(&email, &password, &name, locale).await {
        Ok(()) => CodeKind::NewAddress,
        Err(Refused::AddressTaken) => CodeKind::TakenAddress,
        // Only a new address gets so far, so nobody is told. It has an account by now, and the queue mails its code.
        Err(refused @ (Refused::NotMailed | Refused::TooManyAttempts { .. })) => {
            warn!(cause = %refused, "an account's first code was not mailed");
            CodeKind::Confirmation
        }
        Err(refused) => return Err(refused.into()),
    };
    // What there is to do about a taken address is not done while somebody waits, and could tell by how long.
    deps.queue.queue_code(&CodeWanted::new(kind, &email, &request, (deps.new_id)())).await?;
    Ok(Response::new(
        StatusCode::CREATED,
        &RegistrationView { email, status: RegistrationStatus::ConfirmationRequired },
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::TryKind;
    use crate::handlers::codes::fakes::Queued;
    use crate::handlers::tries::fakes::{Tried, gate};

    /// A pool where ada@example.com is taken, and which sends no more mails to some.
    struct Cognito;

    impl SignUp for Cognito {
        async fn sign_up(&self, email: &Email, _: &Password, _: &Name, _: Locale) -> Result<(), Refused> {
            match email.as_str() {
                "ada@example.com" => Err(Refused::AddressTaken),
                "bounce@example.com" => Err(Refused::NotMailed),
                "late@example.com" => Err(Refused::TooManyAttempts { retry_after: 900 }),
                "down@example.com" => Err(Refused::Busy("silence".into())),
                _ => Ok(()),
            }
        }
    }

    fn shop(limit: u32) -> Deps<Tried, Cognito, Queued> {
        Deps { gate: gate(limit), cognito: Cognito, queue: Queued::default(), new_id: || Ulid(7) }
    }

    async fn register(deps: &Deps<Tried, Cognito, Queued>, body: Value) -> Result<Response, Problem> {
        handle(deps, testkit::request::post("/users").json(body).build()).await
    }

    fn body(email: &str) -> Value {
        json!({ "email": email, "password": "correct horse", "name": "Ada" })
    }

    #[tokio::test]
    async fn a_new_and_a_taken_address_are_answered_alike_after_the_same_work() {
        for (email, small, kind) in [
            ("Eve@Example.com", "eve@example.com", CodeKind::NewAddress),
            ("Ada@example.com", "ada@example.com", CodeKind::TakenAddress),
            ("bounce@example.com", "bounce@example.com", CodeKind::Confirmation),
            ("late@example.com", "late@example.com", CodeKind::Confirmation),
        ] {
            let deps = shop(1);
            let response = register(&deps, body(email)).await.unwrap();
            assert_eq!(response.status(), StatusCode::CREATED);
            assert_eq!(testkit::json(&response), json!({ "email": small, "status": "confirmation_required" }));
            assert_eq!(deps.queue.kinds(), [(kind, small.to_owned())]);
            assert_eq!(deps.gate.tried(), [TryKind::Register]);
        }
    }

    #[tokio::test]
    async fn whom_cognito_may_not_know_yet_is_asked_to_try_again() {
        let deps = shop(1);
        assert_eq!(register(&deps, body("down@example.com")).await.unwrap_err().code(), Code::TryAgain);
        assert!(deps.queue.kinds().is_empty());
    }

    #[tokio::test]
    async fn an_address_that_nobody_can_have_is_refused() {
        let deps = shop(1);
        for email in [Email::erased().as_str(), "ada@Example.INVALID"] {
            let problem = register(&deps, body(email)).await.unwrap_err();
            assert_eq!((problem.code(), problem.faults()[0].pointer.as_str()), (Code::ValidationFailed, "/email"));
        }
        assert!(deps.gate.tried().is_empty());
    }

    #[tokio::test]
    async fn a_weak_password_is_refused_alike_for_a_new_and_a_taken_address() {
        for email in ["eve@example.com", "ada@example.com"] {
            let mut body = body(email);
            body["password"] = json!("short");
            let problem = register(&shop(1), body).await.unwrap_err();
            assert_eq!(
                (problem.code(), problem.detail()),
                (Code::PasswordTooWeak, "A password has at least 10 characters.")
            );
        }
    }

    #[tokio::test]
    async fn whoever_registers_too_often_is_not_heard() {
        let deps = shop(1);
        register(&deps, body("eve@example.com")).await.unwrap();
        let problem = register(&deps, body("eve@example.com")).await.unwrap_err();
        assert_eq!((problem.code(), deps.queue.kinds().len()), (Code::TooManyAttempts, 1));
    }

    #[tokio::test]
    async fn all_faults_are_named_together() {
        let body = json!({ "email": "nobody", "password": "", "name": " ", "role": "admin" });
        let problem = register(&shop(1), body).await.unwrap_err();
        let pointers: Vec<&str> = problem.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/email", "/password", "/name", "/role"]);
    }
}
