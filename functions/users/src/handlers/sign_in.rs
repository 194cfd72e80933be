//! `POST /sessions`: tokens for an e-mail address and its password, or what is asked for besides.

use api::{Problem, Request, Response};
use kernel::{Email, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cognito::{Proved, Refused};
use crate::domain::{Password, TryKind};
use crate::handlers::session::{SessionView, Shown, Welcoming, welcome};
use crate::handlers::tries::{CountTry, Gate};

/// Seconds that Cognito waits for the answer to a challenge (`AuthSessionValidity` of the app client).
const CHALLENGE_SECONDS: u32 = 180;

pub trait CheckPassword {
    async fn check_password(&self, email: &Email, password: &Password) -> Result<Proved, Refused>;
}

pub struct Deps<G, C, S> {
    pub gate: Gate<G>,
    pub cognito: C,
    pub users: S,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    email: Email,
    password: Password,
}

/// Tokens, or for whoever set up an authenticator app the challenge to give its code.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "SignInAnswer")]
pub enum SignInView {
    Session(SessionView),
    Challenge(ChallengeView),
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Challenge")]
pub struct ChallengeView {
    challenge: Challenge,
    /// For `POST /sessions/challenges`.
    session: String,
    /// Seconds.
    expires_in: u32,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ChallengeKind")]
enum Challenge {
    Totp,
}

pub async fn handle(
    deps: &Deps<impl CountTry, impl CheckPassword, impl Welcoming>,
    request: Request,
) -> Result<Response, Problem> {
    let SignIn { email, password } = request.json()?;
    deps.gate.admit(TryKind::SignIn, &email, &request).await?;
    match deps.cognito.check_password(&email, &password).await? {
        Proved::Everything(tokens) => {
            welcome(&deps.users, tokens, Shown::Password, &request, (deps.now)(), deps.new_id).await
        }
        Proved::Password { session } => {
            let view = ChallengeView { challenge: Challenge::Totp, session, expires_in: CHALLENGE_SECONDS };
            Ok(Response::ok(&SignInView::Challenge(view)))
        }
    }
}

#[cfg(test)]
mod tests;
