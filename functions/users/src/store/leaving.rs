//! What a deletion takes, and what it leaves.

use dynamo::{Change, Condition, Entity, Key, Personal, Query, Row, StoreError, Table, WriteError, WriteSet};
use kernel::UserId;
use privacy::{erase, erase_listed};

use crate::domain::{Status, Tombstone};
use crate::handlers::delete_me::{Burial, BuryAccount};
use crate::handlers::on_user_deleted::EraseBelongings;
use crate::store::{Users, keys};

/// Rows that the transaction takes along; what there is beyond them goes by the event.
const TAKEN_ALONG: u16 = 60;

impl Entity for Tombstone {
    const TYPE: &'static str = privacy::Tombstone::TYPE;
    const PERSONAL: Personal = privacy::Tombstone::PERSONAL;
}

impl BuryAccount for Users {
    async fn bury_account(&self, burial: Burial<'_>) -> Result<(), WriteError<()>> {
        let Burial { member, admins, event } = burial;
        let profile = &member.profile;
        let tombstone = Tombstone { id: profile.id.clone(), status: Status::Deleted, deleted_at: event.time };
        let row = Row { version: profile.version + 1, ..Row::new(keys::profile(&profile.id), tombstone) };
        let mut set = WriteSet::new()
            .with(Change::put(&self.table, &row, Condition::equals("version", profile.version)), ())
            .with(Change::announce(&self.table, event), ());
        let is_theirs = Condition::Absent.or(Condition::equals("user_id", &profile.id));
        set.push(Change::delete(&self.table, keys::email(&profile.email), is_theirs), ());
        if let Some(admins) = admins {
            set.push(self.change_admins(member.admins.as_ref(), admins), ());
        }
        for key in self.belongings(&profile.id, TAKEN_ALONG).await? {
            set.push(Change::delete(&self.table, key, Condition::Exists), ());
        }
        set.commit().await
    }
}

impl EraseBelongings for Users {
    async fn erase_belongings(&self, user: &UserId) -> Result<(), StoreError> {
        loop {
            let keys = self.belongings(user, 100).await?;
            if keys.is_empty() {
                break;
            }
            for key in keys {
                erase(&self.table, key).await?;
            }
        }
        erase_listed(&self.table, user).await.map(|_| ())
    }
}

impl Users {
    /// Up to so many of the rows that are kept with somebody's profile.
    async fn belongings(&self, user: &UserId, limit: u16) -> Result<Vec<Key>, StoreError> {
        let profile = keys::profile(user);
        let query = Query::partition(profile.pk.clone()).consistent().limit(limit);
        let (items, _) = self.table.query_items(query).await?;
        Ok(items.iter().map(Table::key_of).filter(|key| *key != profile).collect())
    }
}
