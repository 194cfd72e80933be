//! `POST /sessions/challenges`: the code of the authenticator app, for whoever gave the right password just before.

use api::{Code, Problem, Request, Response};
use kernel::{Email, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::cognito::{Refused, Tokens};
use crate::domain::TryKind;
use crate::handlers::codes::{GivenCode, plain};
use crate::handlers::session::{Shown, Welcoming, is_token, welcome};
use crate::handlers::tries::{CountTry, Gate};

pub trait AnswerChallenge {
    async fn answer_challenge(&self, email: &Email, session: &str, code: &str) -> Result<Tokens, Refused>;
}

pub struct Deps<G, C, S> {
    pub gate: Gate<G>,
    pub cognito: C,
    pub users: S,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeAnswer {
    email: Email,
    /// As signing in gave it.
    session: String,
    /// What the authenticator app shows.
    code: GivenCode,
}

pub async fn handle(
    deps: &Deps<impl CountTry, impl AnswerChallenge, impl Welcoming>,
    request: Request,
) -> Result<Response, Problem> {
    let ChallengeAnswer { email, session, code } = request.json()?;
    if !is_token(&session) {
        return Err(too_late());
    }
    deps.gate.admit(TryKind::Code, &email, &request).await?;
    let answered = deps.cognito.answer_challenge(&email, &session, &plain(&code)).await;
    let tokens = answered.map_err(|refused| match refused {
        Refused::Credentials => too_late(),
        // Each code is good once.
        Refused::ExpiredCode => Refused::WrongCode.into(),
        refused => refused.into(),
    })?;
    welcome(&deps.users, tokens, Shown::PasswordAndCode, &request, (deps.now)(), deps.new_id).await
}

fn too_late() -> Problem {
    Problem::detailed(Code::CredentialsInvalid, "This sign-in is over; begin again with the password.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::samples::{ADA, ada};
    use crate::domain::{Person, Profile};
    use crate::handlers::session::fakes::{Shop, tokens_of};
    use crate::handlers::tries::fakes::{Tried, gate};

    struct Cognito;

    impl AnswerChallenge for Cognito {
        async fn answer_challenge(&self, email: &Email, session: &str, code: &str) -> Result<Tokens, Refused> {
            match (session, code) {
                ("session", "123456") => Ok(tokens_of(ADA, email)),
                ("session", "000000") => Err(Refused::ExpiredCode),
                ("session", _) => Err(Refused::WrongCode),
                _ => Err(Refused::Credentials),
            }
        }
    }

    fn protected() -> Profile {
        Profile { totp_since: Some(testkit::now()), ..ada() }
    }

    fn shop() -> Deps<Tried, Cognito, Shop> {
        let users = Shop::of(Some(Person::Known(Box::new(protected()))));
        Deps { gate: gate(2), cognito: Cognito, users, now: testkit::now, new_id: || Ulid(7) }
    }

    async fn answer(deps: &Deps<Tried, Cognito, Shop>, session: &str, code: &str) -> Result<Response, Problem> {
        let body = json!({ "email": "ada@example.com", "session": session, "code": code });
        handle(deps, testkit::request::post("/sessions/challenges").json(body).build()).await
    }

    #[tokio::test]
    async fn the_code_of_the_app_gives_tokens() {
        let deps = shop();
        let session = testkit::json(&answer(&deps, "session", "123 456").await.unwrap());
        assert_eq!((&session["access_token"], &session["token_type"]), (&json!("access"), &json!("Bearer")));
        assert_eq!((deps.gate.tried(), deps.users.profile()), (vec![TryKind::Code], protected()));
    }

    #[tokio::test]
    async fn a_wrong_or_used_code_gives_nothing_and_too_many_are_not_looked_at() {
        let deps = shop();
        for code in ["654321", "000000"] {
            assert_eq!(answer(&deps, "session", code).await.unwrap_err().code(), Code::CodeMismatch);
        }
        assert_eq!(answer(&deps, "session", "123456").await.unwrap_err().code(), Code::TooManyAttempts);
    }

    #[tokio::test]
    async fn without_a_sign_in_that_waits_a_code_is_worth_nothing() {
        for session in ["other", "", "with space"] {
            let problem = answer(&shop(), session, "123456").await.unwrap_err();
            assert_eq!(problem.code(), Code::CredentialsInvalid, "{session}");
            assert!(problem.detail().contains("begin again"));
        }
    }
}
