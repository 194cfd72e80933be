//! What several endpoints do with profiles.

use dynamo::StoreError;
use events::{Envelope, UserRegistered};
use kernel::{EventId, Timestamp, Ulid, UserId};
use telemetry::Trace;

use crate::domain::Profile;

pub trait LoadProfile {
    async fn load_profile(&self, id: &UserId) -> Result<Option<Profile>, StoreError>;
}

pub trait CreateProfile {
    /// Writes the profile and announces it, unless there is one; whether it was written.
    async fn create_profile(&self, profile: &Profile, event: &Envelope<UserRegistered>) -> Result<bool, StoreError>;
}

/// The event of a profile's first version.
pub(crate) fn announcement(profile: &Profile, id: Ulid, now: Timestamp, trace: &Trace) -> Envelope<UserRegistered> {
    Envelope::new(EventId::new(id), now, trace.clone(), 1, profile.registered())
}
