//! `POST /users/confirmations`: the code from the mail opens the account, and the shop gets to know its owner.
//!
//! Whoever registered chose the password, and may be another than who reads the mail. Where several have registered with the address, the code
//! opens the account without its password: that is thrown away, and another code lets the reader of the mailbox choose one. Until then there is no
//! profile, and without a profile nobody gets in by a password that is in doubt, whatever is cut short between the steps.
//!
//! A code that does not fit costs the same work for every address. Once Cognito has confirmed the address it looks at no code any more: until
//! the claim of the address says which it was, because the first confirmation is still at work or was cut short and the first sign-in makes up
//! for it, a repetition is believed, and does nothing.

use api::{Problem, Request, Response};
use dynamo::StoreError;
use kernel::{Email, Timestamp, Ulid, UserId};
use schemars::JsonSchema;
use serde::Deserialize;
use tracing::{info, warn};

use crate::cognito::Refused;
use crate::domain::{Account, CodeKind, EmailClaim, Profile, TryKind};
use crate::handlers::changes::{Announcing, Saved};
use crate::handlers::codes::{CodeWanted, GivenCode, QueueCode, not_this_code, plain};
use crate::handlers::confirm_email::MoveEmail;
use crate::handlers::profiles::{CreateProfile, Creation, Entry, LoadProfile, create};
use crate::handlers::register::{RegistrationStatus, RegistrationView};
use crate::handlers::reset_password::RevokeAllTokens;
use crate::handlers::tries::{CountTry, Gate};

pub trait ConfirmAddress {
    async fn confirm_address(&self, email: &Email, code: &str) -> Result<(), Refused>;
}

pub trait FindAccount {
    async fn find_account(&self, email: &Email) -> Result<Account, Refused>;
}

pub trait AddressOf {
    /// The address by which Cognito knows somebody; none, where it does not know them.
    async fn address_of(&self, id: &UserId) -> Result<Option<Email>, Refused>;
}

pub trait ThrowPasswordAway {
    /// Sets a password that nobody knows.
    async fn throw_password_away(&self, account: &Account) -> Result<(), Refused>;
}

pub trait LoadClaim {
    /// Whose an address is, or is about to be.
    async fn load_claim(&self, email: &Email) -> Result<Option<EmailClaim>, StoreError>;
}

/// What a confirmation asks of the user pool.
pub trait Accounts: FindAccount + AddressOf + ThrowPasswordAway + RevokeAllTokens {}

impl<P: FindAccount + AddressOf + ThrowPasswordAway + RevokeAllTokens> Accounts for P {}

/// What it does to the table.
pub trait Opening: LoadClaim + LoadProfile + CreateProfile + MoveEmail {}

impl<S: LoadClaim + LoadProfile + CreateProfile + MoveEmail> Opening for S {}

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
pub struct Confirmation {
    email: Email,
    /// From the mail; spaces do not matter.
    code: GivenCode,
}

pub async fn handle(
    deps: &Deps<impl CountTry, impl ConfirmAddress, impl Accounts, impl Opening, impl QueueCode>,
    request: Request,
) -> Result<Response, Problem> {
    let Confirmation { email, code } = request.json()?;
    let code = plain(&code);
    deps.gate.admit(TryKind::Code, &email, &request).await?;
    let status = match deps.cognito.confirm_address(&email, &code).await {
        Ok(()) => open(deps, &email, &code, &request).await?,
        Err(refused) => {
            repeated(&deps.users, &email, &code, refused).await?;
            RegistrationStatus::Confirmed
        }
    };
    Ok(Response::ok(&RegistrationView { email, status }))
}

/// Whether Cognito refuses what it took before. One read, whoever has the address.
async fn repeated(users: &impl LoadClaim, email: &Email, code: &str, refused: Refused) -> Result<(), Problem> {
    let claim = users.load_claim(email).await?.filter(|claim| claim.is_confirmed);
    let is_believed = claim.is_none_or(|claim| claim.was_confirmed_by(code));
    match refused {
        Refused::AlreadyConfirmed if is_believed => Ok(()),
        refused => Err(not_this_code(refused)),
    }
}

/// Makes the profile of an account whose code was right.
async fn open<G, C>(
    deps: &Deps<G, C, impl Accounts, impl Opening, impl QueueCode>,
    email: &Email,
    code: &str,
    request: &Request,
) -> Result<RegistrationStatus, Problem> {
    let account = deps.pool.find_account(email).await?;
    let announcing = Announcing::of(request, (deps.now)(), deps.new_id);
    let profile = Profile::of(account.clone(), announcing.at);
    let creation = settle(&deps.pool, &deps.users, &profile, Entry::Code(code), &announcing).await?;
    if creation != Creation::Contested {
        creation.opens()?;
        return Ok(RegistrationStatus::Confirmed);
    }
    info!(user_id = %account.id, "several have registered with the address: it gets another password");
    deps.pool.throw_password_away(&account).await?;
    deps.pool.revoke_all_tokens(&account).await?;
    deps.queue.queue_code(&CodeWanted::new(CodeKind::PasswordReset, email, request, (deps.new_id)())).await?;
    // Nor is it known whose the name is.
    let account = account.called_as_its_mailbox().map_err(Problem::internal)?;
    let profile = Profile::of(account, announcing.at);
    settle(&deps.pool, &deps.users, &profile, Entry::CodeAlone(code), &announcing).await?.opens()?;
    Ok(RegistrationStatus::PasswordRequired)
}

/// [`create`], where need be after whoever had the address before has been moved to the one that Cognito has verified since.
async fn settle(
    pool: &impl AddressOf,
    users: &impl Opening,
    profile: &Profile,
    entry: Entry<'_>,
    announcing: &Announcing,
) -> Result<Creation, Problem> {
    let creation = create(users, profile, entry, announcing).await?;
    if creation != Creation::AddressTaken {
        return Ok(creation);
    }
    let Some(claim) = users.load_claim(&profile.email).await? else { return Ok(creation) };
    let (Some(address), Some(before)) =
        (pool.address_of(&claim.user_id).await?, users.load_profile(&claim.user_id).await?)
    else {
        return Ok(creation);
    };
    if address == profile.email {
        return Ok(creation);
    }
    warn!(user_id = %before.id, "a change of address that was cut short is finished");
    let after = before.moved_to(address);
    let event = announcing.after(&before, after.updated(&before));
    if users.move_email(&before, &after, &event).await? == Saved::Raced {
        return Ok(creation);
    }
    Ok(create(users, profile, entry, announcing).await?)
}

#[cfg(test)]
mod tests;
