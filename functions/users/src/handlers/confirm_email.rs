//! `POST /me/email-changes/confirmations`: the code from the mail moves the account to its new address.
//!
//! Cognito verifies first and the profile follows, so a crash between the two leaves an account whose profile has its old address. The same
//! confirmation sent again finds that Cognito has verified the address and moves the profile; so does the next sign-in.

use api::{Authenticator, Code, Problem, Request, Response};
use dynamo::StoreError;
use events::{Envelope, UserUpdated};
use kernel::{Email, Timestamp, Ulid, UserId};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::cognito::Refused;
use crate::domain::{AccessToken, EmailClaim, Profile, TryKind};
use crate::handlers::changes::{Announcing, Saved, TRIES};
use crate::handlers::codes::{GivenCode, plain};
use crate::handlers::get_me::UserView;
use crate::handlers::proof::access_token;
use crate::handlers::tries::{CountTry, Gate};

/// Somebody's profile, and whose the address is that they say is theirs.
pub trait LoadEmailChange {
    async fn load_email_change(
        &self,
        user: &UserId,
        email: &Email,
    ) -> Result<(Option<Profile>, Option<EmailClaim>), StoreError>;
}

/// The one transaction that puts a profile under the address that Cognito knows it by: profile, both addresses' rows and the event, which is
/// told only if the address is another.
pub trait MoveEmail {
    async fn move_email(
        &self,
        before: &Profile,
        after: &Profile,
        event: &Envelope<UserUpdated>,
    ) -> Result<Saved, StoreError>;
}

pub trait VerifyEmail {
    async fn verify_email(&self, token: &AccessToken, code: &str) -> Result<(), Refused>;

    /// The address that the account has at Cognito, which is one that was verified.
    async fn verified_email(&self, token: &AccessToken) -> Result<Email, Refused>;
}

pub struct Deps<T, C, S> {
    pub auth: Authenticator,
    pub gate: Gate<T>,
    pub cognito: C,
    pub users: S,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmEmail {
    /// The new address.
    email: Email,
    /// From the mail; spaces do not matter.
    code: GivenCode,
}

pub async fn handle<S: LoadEmailChange + MoveEmail>(
    deps: &Deps<impl CountTry, impl VerifyEmail, S>,
    request: Request,
) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let token = access_token(&request)?;
    let ConfirmEmail { email, code } = request.json()?;
    let code = plain(&code);
    let announcing = Announcing::of(&request, (deps.now)(), deps.new_id);

    let mut verified = None;
    for _ in 0..TRIES {
        let (profile, claim) = deps.users.load_email_change(&user.id, &email).await?;
        let before = profile.ok_or_else(|| Problem::new(Code::NotFound))?;
        if before.email == email {
            return Ok(Response::ok(&UserView::of(before, &user.groups)));
        }
        let address = match verified.take() {
            Some(address) => address,
            None if !claim.is_some_and(|claim| claim.is_held_by(&user.id, announcing.at)) => {
                return Err(Refused::WrongCode.into());
            }
            None => {
                deps.gate.admit(TryKind::Code, &before.email, &request).await?;
                verify(&deps.cognito, &token, &email, &code).await?
            }
        };
        let after = before.moved_to(address.clone());
        let event = announcing.after(&before, after.updated(&before));
        if deps.users.move_email(&before, &after, &event).await? == Saved::Done {
            telemetry::count("users", "EmailsChanged", 1);
            return Ok(Response::ok(&UserView::of(after, &user.groups)));
        }
        verified = Some(address);
    }
    Err(Problem::new(Code::TryAgain))
}

/// The address that the code belongs to. It is Cognito that knows which it mailed last.
async fn verify(cognito: &impl VerifyEmail, token: &AccessToken, email: &Email, code: &str) -> Result<Email, Problem> {
    let refused = match cognito.verify_email(token, code).await {
        Ok(()) => return Ok(cognito.verified_email(token).await?),
        Err(refused @ (Refused::WrongCode | Refused::ExpiredCode)) => refused,
        Err(refused) => return Err(refused.into()),
    };
    // A code is spent by the try that was cut short.
    let address = cognito.verified_email(token).await?;
    if address == *email { Ok(address) } else { Err(refused.into()) }
}

#[cfg(test)]
mod tests;
