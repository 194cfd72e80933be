//! `POST /password-resets/confirmations`: the code from the mail and another password. Whoever knew the old one is signed out.
//!
//! A code is spent by Cognito's answer, so nobody can send the same request again to end what was cut short after it. That is why the queue hears
//! of it before Cognito does: a while later `users-send-codes` looks whether there is a new password and does what did not follow.

use api::{Code, Problem, Request, Response};
use dynamo::StoreError;
use events::{Envelope, PasswordChanged};
use kernel::{Email, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::cognito::Refused;
use crate::domain::{Account, CodeKind, Password, Profile, TryKind};
use crate::handlers::changes::{Announcing, TRIES};
use crate::handlers::codes::{CodeWanted, GivenCode, QueueCode, not_this_code, plain};
use crate::handlers::confirm::FindAccount;
use crate::handlers::profiles::LoadProfile;
use crate::handlers::tries::{CountTry, Gate};

pub trait SetPassword {
    async fn set_password(&self, email: &Email, code: &str, password: &Password) -> Result<(), Refused>;
}

pub trait RevokeAllTokens {
    async fn revoke_all_tokens(&self, account: &Account) -> Result<(), Refused>;
}

pub trait NoteReset {
    /// Ends the sessions from before and announces the new password, unless the profile has changed since; whether that was done.
    async fn note_reset(&self, profile: &Profile, event: &Envelope<PasswordChanged>) -> Result<bool, StoreError>;
}

pub trait ForgetRegistrations {
    /// Whoever chose the password reads the mailbox, so it is in doubt no more.
    async fn forget_registrations(&self, email: &Email) -> Result<(), StoreError>;
}

/// What the rows let follow from a new password.
pub trait Following: LoadProfile + NoteReset + ForgetRegistrations {}

impl<S: LoadProfile + NoteReset + ForgetRegistrations> Following for S {}

/// Why something of what follows from a new password is left to do.
#[derive(Debug, thiserror::Error)]
pub enum NotFollowed {
    #[error(transparent)]
    Cognito(#[from] Refused),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the profile keeps changing")]
    Raced,
}

impl From<NotFollowed> for Problem {
    fn from(cause: NotFollowed) -> Self {
        match cause {
            NotFollowed::Cognito(refused) => refused.into(),
            NotFollowed::Store(error) => error.into(),
            NotFollowed::Raced => Self::new(Code::TryAgain),
        }
    }
}

pub struct Deps<G, C, P, S, Q> {
    pub gate: Gate<G>,
    pub cognito: C,
    pub pool: P,
    pub users: S,
    pub queue: Q,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    email: Email,
    /// From the mail; spaces do not matter.
    code: GivenCode,
    /// 10 to 256 characters.
    password: Password,
}

pub async fn handle(
    deps: &Deps<impl CountTry, impl SetPassword, impl FindAccount + RevokeAllTokens, impl Following, impl QueueCode>,
    request: Request,
) -> Result<Response, Problem> {
    let PasswordReset { email, code, password } = request.json()?;
    if let Some(rule) = password.weakness() {
        return Err(Problem::detailed(Code::PasswordTooWeak, rule).at("/password"));
    }
    deps.gate.admit(TryKind::Code, &email, &request).await?;
    deps.queue.queue_code(&CodeWanted::new(CodeKind::NewPassword, &email, &request, (deps.new_id)())).await?;
    deps.cognito.set_password(&email, &plain(&code), &password).await.map_err(not_this_code)?;
    let account = deps.pool.find_account(&email).await?;
    let announcing = Announcing::of(&request, (deps.now)(), deps.new_id);
    follow(&deps.users, &deps.pool, &account, &announcing).await?;
    Ok(Response::no_content())
}

/// Takes back all tokens, and then has the row say so, and the owner told: who finds it there finds all of it done.
///
/// Without a profile there is nobody yet whom the shop would write to, but the new password opens the account.
pub(crate) async fn follow(
    users: &impl Following,
    pool: &impl RevokeAllTokens,
    account: &Account,
    announcing: &Announcing,
) -> Result<(), NotFollowed> {
    pool.revoke_all_tokens(account).await?;
    for _ in 0..TRIES {
        let Some(profile) = users.load_profile(&account.id).await? else {
            return Ok(users.forget_registrations(&account.email).await?);
        };
        let event = announcing.after(&profile, profile.password_changed());
        if users.note_reset(&profile, &event).await? {
            return Ok(());
        }
    }
    Err(NotFollowed::Raced)
}

#[cfg(test)]
mod tests;
