//! A table with one user in it, for the tests of whatever changes a profile.

use std::sync::Mutex;

use dynamo::StoreError;
use events::{Envelope, UserUpdated};
use kernel::{Ulid, UserId};

use crate::domain::Profile;
use crate::handlers::changes::{SaveProfile, Saved};
use crate::handlers::profiles::LoadProfile;

pub(crate) struct OneUser {
    profile: Mutex<Option<Profile>>,
    /// What becomes of the profile just before the first attempt to save.
    meanwhile: Mutex<Option<Profile>>,
    told: Mutex<Vec<Envelope<UserUpdated>>>,
}

impl OneUser {
    pub(crate) fn new(profile: Profile) -> Self {
        Self { profile: Mutex::new(Some(profile)), ..Self::gone() }
    }

    /// Nobody, or somebody who is deleted.
    pub(crate) fn gone() -> Self {
        Self { profile: Mutex::default(), meanwhile: Mutex::default(), told: Mutex::default() }
    }

    /// Somebody else is faster, and this is what the profile is then.
    pub(crate) fn becoming(self, profile: Profile) -> Self {
        Self { meanwhile: Mutex::new(Some(profile)), ..self }
    }

    pub(crate) fn profile(&self) -> Profile {
        self.profile.lock().unwrap().clone().unwrap()
    }

    pub(crate) fn told(&self) -> Vec<Envelope<UserUpdated>> {
        self.told.lock().unwrap().clone()
    }

    pub(crate) fn save(&self, before: &Profile, after: &Profile) -> Saved {
        let mut profile = self.profile.lock().unwrap();
        if let Some(meanwhile) = self.meanwhile.lock().unwrap().take() {
            *profile = Some(meanwhile);
        }
        if profile.as_ref().map(|profile| profile.version) != Some(before.version) {
            return Saved::Raced;
        }
        *profile = Some(Profile { version: before.version + 1, ..after.clone() });
        Saved::Done
    }
}

impl LoadProfile for OneUser {
    async fn load_profile(&self, id: &UserId) -> Result<Option<Profile>, StoreError> {
        Ok(self.profile.lock().unwrap().clone().filter(|profile| profile.id == *id))
    }
}

impl SaveProfile for OneUser {
    async fn save_profile(
        &self,
        before: &Profile,
        after: &Profile,
        event: Option<&Envelope<UserUpdated>>,
    ) -> Result<Saved, StoreError> {
        let saved = self.save(before, after);
        if saved == Saved::Done {
            self.told.lock().unwrap().extend(event.cloned());
        }
        Ok(saved)
    }
}

pub(crate) fn new_id() -> Ulid {
    Ulid(7)
}
