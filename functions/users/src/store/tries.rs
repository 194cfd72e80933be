use dynamo::{Change, Condition, Entity, Personal, StoreError, WriteError, WriteSet};
use kernel::{Email, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::Counter;
use crate::handlers::tries::{CountRegistration, CountTry};
use crate::store::{Users, keys};

/// How long a counter outlives its window.
const KEEP_SECONDS: i64 = 3600;

/// Tries that were let through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tries {
    count: u32,
}

impl Entity for Tries {
    const TYPE: &'static str = "tries";
    const PERSONAL: Personal =
        Personal::Keep("under a pseudonym, for an hour or so, to guard accounts against guessing");
}

impl Users {
    /// One more at each counter, where all have room.
    fn count(&self, counters: &[Counter]) -> WriteSet<()> {
        let mut set = WriteSet::new();
        for counter in counters {
            let has_room = Condition::lacks("count").or(Condition::less_than("count", counter.limit));
            let expiry = counter.window.end().plus_seconds(KEEP_SECONDS).epoch_seconds();
            let change = Change::upsert::<Tries>(&self.table, keys::tries(counter), has_room);
            set.push(change.add("count", 1).set("ttl", expiry), ());
        }
        set
    }
}

/// Whether there was room.
async fn counted(set: WriteSet<()>) -> Result<bool, StoreError> {
    match set.commit().await {
        Ok(()) => Ok(true),
        Err(WriteError::Refused(_)) => Ok(false),
        Err(WriteError::Store(error)) => Err(error),
    }
}

impl CountTry for Users {
    async fn count_try(&self, counters: &[Counter]) -> Result<bool, StoreError> {
        counted(self.count(counters)).await
    }
}

impl CountRegistration for Users {
    async fn count_registration(
        &self,
        email: &Email,
        counters: &[Counter],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        counted(self.count(counters).with(self.add_registrations(email, 1, now), ())).await
    }
}
