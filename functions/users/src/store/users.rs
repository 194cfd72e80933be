use dynamo::{BatchGet, Change, Entity, Key, Personal, Row, StoreError, Table, WriteError, WriteSet};
use events::{Envelope, UserRegistered};
use kernel::UserId;

use crate::domain::Profile;
use crate::handlers::profiles::{CreateProfile, LoadProfile};
use crate::store::keys;

/// The table of users.
#[derive(Debug, Clone)]
pub struct Users {
    pub(crate) table: Table,
}

impl Entity for Profile {
    const TYPE: &'static str = "profile";
    const PERSONAL: Personal = Personal::Erase;
}

impl Users {
    /// The table that `USERS_TABLE` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self { table: Table::from_env("USERS_TABLE").await? })
    }

    /// Where somebody's profile is, for a batch with what else the caller needs.
    #[must_use]
    pub fn profile_key(&self, id: &UserId) -> (&Table, Key) {
        (&self.table, keys::profile(id))
    }

    /// The profile that a batch with [`Users::profile_key`] found.
    ///
    /// # Errors
    /// [`StoreError::Undecodable`].
    pub fn take_profile(&self, batch: &mut BatchGet, id: &UserId) -> Result<Option<Profile>, StoreError> {
        Ok(batch.take::<Profile>(&self.table, &keys::profile(id))?.map(|row| row.body))
    }
}

impl LoadProfile for Users {
    async fn load_profile(&self, id: &UserId) -> Result<Option<Profile>, StoreError> {
        Ok(self.table.get::<Profile>(keys::profile(id)).await?.map(|row| row.body))
    }
}

impl CreateProfile for Users {
    async fn create_profile(&self, profile: &Profile, event: &Envelope<UserRegistered>) -> Result<bool, StoreError> {
        let row = Row::new(keys::profile(&profile.id), profile.clone());
        let set =
            WriteSet::new().with(Change::create(&self.table, &row), ()).with(Change::announce(&self.table, event), ());
        match set.commit().await {
            Ok(()) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}
