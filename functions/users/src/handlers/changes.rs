//! What every change of a profile has in common: read it, decide, and save if nobody was faster.

use api::{Code, Problem, Request};
use dynamo::StoreError;
use events::{Envelope, Event, UserUpdated};
use kernel::{EventId, Timestamp, Ulid, UserId};
use telemetry::Trace;

use crate::domain::Profile;
use crate::handlers::profiles::LoadProfile;

/// Rounds of reading and deciding again before somebody else is let through.
pub const TRIES: usize = 3;

/// What a write came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    Done,
    /// Somebody was faster: what was read is no longer true, and nothing was written.
    Raced,
}

/// Writes what is different in `after`, if the profile is still `before`.
pub trait SaveProfile {
    async fn save_profile(
        &self,
        before: &Profile,
        after: &Profile,
        event: Option<&Envelope<UserUpdated>>,
    ) -> Result<Saved, StoreError>;
}

/// What the events of a change are sent with.
#[derive(Debug, Clone)]
pub struct Announcing {
    pub trace: Trace,
    pub at: Timestamp,
    pub new_id: fn() -> Ulid,
}

impl Announcing {
    #[must_use]
    pub fn of(request: &Request, at: Timestamp, new_id: fn() -> Ulid) -> Self {
        Self { trace: request.trace().clone(), at, new_id }
    }

    /// An event of the profile as it is.
    pub(crate) fn about<E: Event>(&self, profile: &Profile, data: E) -> Envelope<E> {
        self.envelope(profile.version, data)
    }

    /// The event of the profile's version after `before`.
    pub(crate) fn after<E: Event>(&self, before: &Profile, data: E) -> Envelope<E> {
        self.envelope(before.version + 1, data)
    }

    fn envelope<E: Event>(&self, version: u64, data: E) -> Envelope<E> {
        Envelope::new(EventId::new((self.new_id)()), self.at, self.trace.clone(), version, data)
    }
}

/// The profile of somebody who is signed in.
///
/// # Errors
/// 404 `not_found` when there is none, or none any more.
pub(crate) async fn known(users: &impl LoadProfile, id: &UserId) -> Result<Profile, Problem> {
    users.load_profile(id).await?.ok_or_else(|| Problem::new(Code::NotFound))
}

/// Saves what `change` makes of the profile, and gives it. Where that is no change, nothing is written.
///
/// # Errors
/// 404 without a profile, 503 when it keeps changing.
pub(crate) async fn change_profile<S: LoadProfile + SaveProfile>(
    users: &S,
    id: &UserId,
    announcing: Option<&Announcing>,
    change: impl Fn(&Profile) -> Profile,
) -> Result<Profile, Problem> {
    for _ in 0..TRIES {
        let before = known(users, id).await?;
        let after = change(&before);
        if after == before {
            return Ok(after);
        }
        let event = announcing.map(|announcing| announcing.after(&before, after.updated(&before)));
        if users.save_profile(&before, &after, event.as_ref()).await? == Saved::Done {
            return Ok(after);
        }
    }
    Err(Problem::new(Code::TryAgain))
}
