use dynamo::{Change, Condition, Entity, Key, Personal, Row, StoreError, Table, WriteError, WriteSet};
use kernel::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// What stays of somebody who left: that they did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    pub deleted_at: Timestamp,
}

impl Entity for Tombstone {
    const TYPE: &'static str = "tombstone";
    const PERSONAL: Personal =
        Personal::Keep("so that nothing that comes late brings a deleted person back; it is a bare id");
}

impl Tombstone {
    /// Where the tombstone of `user` is.
    #[must_use]
    pub fn key(user: &UserId) -> Key {
        Key::new(format!("TOMBSTONE#{user}"), "TOMBSTONE")
    }

    /// Refuses a transaction that would write about somebody who left.
    #[must_use]
    pub fn check(table: &Table, user: &UserId) -> Change {
        Change::check(table, Self::key(user), Condition::Absent)
    }

    /// Puts the tombstone, if it is not there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put(table: &Table, user: &UserId, deleted_at: Timestamp) -> Result<(), StoreError> {
        let row = Row::new(Self::key(user), Self { deleted_at });
        match WriteSet::new().with(Change::create(table, &row), ()).commit().await {
            Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}
