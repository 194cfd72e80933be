//! The queue of those who may be due a code: looks the address up and mails what is due, be it nothing.
//!
//! A message that comes twice sends a code twice, of which the second is as good; the notice is told from the first by its event's id.
//!
//! Before a confirmation code is mailed again, it is noted where the account's password is in doubt ([`crate::domain::Registrations`]): whoever
//! gets the code finds that it opens the account without it.

use dynamo::StoreError;
use events::{Envelope, RegistrationAttempted};
use kernel::{Email, Timestamp, Ulid};
use tracing::{info, warn};

use crate::cognito::Refused;
use crate::domain::{Account, AccountState, CodeKind, Due, Person, Profile};
use crate::handlers::changes::Announcing;
use crate::handlers::codes::CodeWanted;
use crate::handlers::profiles::LoadPerson;
use crate::handlers::reset_password::{Following, NotFollowed, RevokeAllTokens, follow};

/// What the user pool has of an address.
#[derive(Debug, Clone)]
pub struct Found {
    pub account: Account,
    pub state: AccountState,
    /// When Cognito last changed it, its password included, in whole seconds.
    pub changed_at: Option<Timestamp>,
}

pub trait LookUp {
    /// Nothing, where nobody has the address.
    async fn look_up(&self, email: &Email) -> Result<Option<Found>, Refused>;
}

pub trait Contest {
    /// From now on the password of whoever registered with the address is in doubt.
    async fn contest(&self, email: &Email, now: Timestamp) -> Result<(), StoreError>;

    /// Keeps in mind how often somebody registered with it, as another code is under way; whether it is in mind at all.
    async fn remember_longer(&self, email: &Email, now: Timestamp) -> Result<bool, StoreError>;
}

pub trait MailCodes {
    async fn mail_confirmation_code(&self, email: &Email) -> Result<(), Refused>;
    async fn mail_reset_code(&self, email: &Email) -> Result<(), Refused>;
}

pub trait AnnounceAttempt {
    async fn announce_attempt(&self, event: &Envelope<RegistrationAttempted>) -> Result<(), StoreError>;
}

pub struct Deps<P, C, S> {
    pub pool: P,
    pub cognito: C,
    pub users: S,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

/// What the rows let it do.
pub trait Looking: LoadPerson + AnnounceAttempt + Contest + Following {}

impl<S: LoadPerson + AnnounceAttempt + Contest + Following> Looking for S {}

/// Why the message stays in its queue.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    #[error(transparent)]
    Cognito(#[from] Refused),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    NotFollowed(#[from] NotFollowed),
}

/// # Errors
/// [`NotSent`]: the queue delivers the message again.
pub async fn handle(
    deps: &Deps<impl LookUp + RevokeAllTokens, impl MailCodes, impl Looking>,
    wanted: CodeWanted,
) -> Result<(), NotSent> {
    if wanted.kind == CodeKind::NewAddress {
        return Ok(());
    }
    let Some(found) = deps.pool.look_up(&wanted.email).await? else { return Ok(()) };
    let due = wanted.kind.due(found.state);
    info!(user_id = %found.account.id, kind = ?wanted.kind, ?due, "looked up");
    let sent = match due {
        Due::ConfirmationCode => {
            note_doubts(&deps.users, &wanted, (deps.now)()).await?;
            deps.cognito.mail_confirmation_code(&wanted.email).await
        }
        Due::ResetCode => deps.cognito.mail_reset_code(&wanted.email).await,
        Due::Notice => return tell_owner(&deps.users, found.account, wanted, (deps.now)()).await,
        Due::Consequences => return finish(deps, found, wanted).await,
        Due::Nothing => Ok(()),
    };
    match sent {
        // Cognito has sent enough of them, the account has changed since, or an operator confirmed it without proof of its address: another try
        // would not change that.
        Err(
            refused @ (Refused::TooManyAttempts { .. }
            | Refused::AlreadyConfirmed
            | Refused::NotConfirmed
            | Refused::Credentials),
        ) => {
            warn!(cause = %refused, "no code was sent");
            Ok(())
        }
        sent => Ok(sent?),
    }
}

/// Whoever only wants the code again is taken for who registered, as long as a registration is in mind.
async fn note_doubts(users: &impl Contest, wanted: &CodeWanted, now: Timestamp) -> Result<(), StoreError> {
    if wanted.kind.doubts_the_password() || !users.remember_longer(&wanted.email, now).await? {
        users.contest(&wanted.email, now).await?;
    }
    Ok(())
}

/// Does for a new password what whoever took its code did not come to. Cognito does not say what it changed: if that was not the password, the
/// code was a guess, and somebody has to sign in again who changed something else in the same minute.
async fn finish(
    deps: &Deps<impl LookUp + RevokeAllTokens, impl MailCodes, impl Looking>,
    found: Found,
    wanted: CodeWanted,
) -> Result<(), NotSent> {
    let since = Timestamp::from_epoch_seconds(wanted.wanted_at().epoch_seconds());
    if found.changed_at.is_none_or(|at| at < since) {
        return Ok(());
    }
    if let Some(person) = deps.users.load_person(&found.account.id).await? {
        let Some(profile) = person.profile() else { return Ok(()) };
        if profile.created_at >= since || profile.sessions_valid_from.is_some_and(|at| at >= since) {
            return Ok(());
        }
    }
    warn!(user_id = %found.account.id, "a password was replaced, and what follows was not done");
    let announcing = Announcing { trace: wanted.trace, at: (deps.now)(), new_id: deps.new_id };
    Ok(follow(&deps.users, &deps.pool, &found.account, &announcing).await?)
}

/// In the owner's language, and by the name that the shop knows them by.
async fn tell_owner(
    users: &(impl LoadPerson + AnnounceAttempt),
    account: Account,
    wanted: CodeWanted,
    now: Timestamp,
) -> Result<(), NotSent> {
    let profile = match users.load_person(&account.id).await? {
        Some(Person::Known(profile)) => *profile,
        Some(Person::Deleted(_)) => return Ok(()),
        None => Profile::of(account, now),
    };
    let CodeWanted { id, email, trace, .. } = wanted;
    let Profile { id: user_id, name, locale, version, .. } = profile;
    let attempt = RegistrationAttempted { user_id, email, name: name.to_string(), locale };
    Ok(users.announce_attempt(&Envelope::new(id, now, trace, version, attempt)).await?)
}

#[cfg(test)]
mod tests;
