//! How often an address was registered with since it was last confirmed.

use dynamo::{Change, Condition, Entity, Personal, StoreError, WriteError, WriteSet};
use kernel::{Email, Timestamp};

use crate::domain::Registrations;
use crate::handlers::profiles::Entry;
use crate::handlers::reset_password::ForgetRegistrations;
use crate::handlers::send_codes::Contest;
use crate::store::{Users, keys};

impl Entity for Registrations {
    const TYPE: &'static str = "registrations";
    const PERSONAL: Personal =
        Personal::Keep("under the pseudonym of an address, for a month, so that no stranger's password opens it");
}

impl Users {
    /// So many more, and remembered for longer.
    pub(crate) fn add_registrations(&self, email: &Email, count: i64, now: Timestamp) -> Change {
        let whatever_there_is = Condition::Absent.or(Condition::Exists);
        let change = Change::upsert::<Registrations>(&self.table, keys::registrations(email), whatever_there_is);
        change.add("count", count).set("ttl", lapse(now))
    }

    /// The address is somebody's now. Unless its password was thrown away, that takes that it is not contested.
    pub(crate) fn settle_registrations(&self, email: &Email, entry: Entry<'_>) -> Change {
        let condition = match entry {
            Entry::CodeAlone(_) => Condition::Absent.or(Condition::Exists),
            Entry::Password | Entry::Code(_) => {
                Condition::lacks("count").or(Condition::less_than("count", Registrations::CONTESTED))
            }
        };
        Change::delete(&self.table, keys::registrations(email), condition)
    }
}

fn lapse(now: Timestamp) -> i64 {
    now.plus_seconds(Registrations::KEEP_SECONDS).epoch_seconds()
}

/// Whether the condition held.
async fn write(change: Change) -> Result<bool, StoreError> {
    match WriteSet::new().with(change, ()).commit().await {
        Ok(()) => Ok(true),
        Err(WriteError::Refused(_)) => Ok(false),
        Err(WriteError::Store(error)) => Err(error),
    }
}

impl Contest for Users {
    async fn contest(&self, email: &Email, now: Timestamp) -> Result<(), StoreError> {
        let change = self.add_registrations(email, i64::from(Registrations::CONTESTED), now);
        write(change).await.map(drop)
    }

    async fn remember_longer(&self, email: &Email, now: Timestamp) -> Result<bool, StoreError> {
        write(Change::update(&self.table, keys::registrations(email)).set("ttl", lapse(now))).await
    }
}

impl ForgetRegistrations for Users {
    async fn forget_registrations(&self, email: &Email) -> Result<(), StoreError> {
        let whatever_there_is = Condition::Absent.or(Condition::Exists);
        write(Change::delete(&self.table, keys::registrations(email), whatever_there_is)).await.map(drop)
    }
}
