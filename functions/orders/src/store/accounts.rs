//! Whose account an address is, and the guests' orders that it lists.

use std::collections::HashMap;

use dynamo::{Change, Condition, Entity, Page, Personal, Query, Row, StoreError, WriteError, WriteSet};
use kernel::{Email, UserId};
use privacy::Tombstone;
use serde::{Deserialize, Serialize};

use crate::domain::{Account, ListedFor, Order};
use crate::handlers::accounts::{FindGuestOrders, Known, ListOrder, LoadAccount, ReleaseAddress, SaveAccount};
use crate::handlers::on_order_placed::FindAccount;
use crate::store::{Orders, keys};

impl Entity for Account {
    const TYPE: &'static str = "account";
    const PERSONAL: Personal = Personal::Erase;
}

/// Finds the account that has an address. The account itself says whether it still has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AddressRow {
    pub(crate) user_id: UserId,
}

impl Entity for AddressRow {
    const TYPE: &'static str = "account_address";
    const PERSONAL: Personal = Personal::Erase;
}

impl LoadAccount for Orders {
    async fn load_account(&self, id: &UserId) -> Result<Option<Account>, StoreError> {
        Ok(self.table.get(keys::account(id)).await?.map(|row| row.body))
    }
}

impl SaveAccount for Orders {
    async fn save_account(&self, before: Option<&Account>, after: &Account) -> Result<Known, StoreError> {
        let user = &after.user_id;
        let account = Row::new(keys::account(user), after.clone()).about(user);
        let is_as_read = match before {
            None => Condition::Absent,
            Some(before) => Condition::equals("sequence", before.sequence),
        };
        let address = Row::new(keys::address(&after.email), AddressRow { user_id: user.clone() }).about(user);
        // Users gives an address to one account at a time, so what is known of it before is old.
        let whoever_had_it = Condition::Absent.or(Condition::Exists);
        let set = WriteSet::new()
            .with(Tombstone::check(&self.table, user), Known::Left)
            .with(Change::put(&self.table, &account, is_as_read), Known::Raced)
            .with(Change::put(&self.table, &address, whoever_had_it), Known::Raced);
        match set.commit().await {
            Ok(()) => Ok(Known::Saved),
            // Having left comes before having raced.
            Err(WriteError::Refused(why)) => Ok(why[0]),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl ReleaseAddress for Orders {
    async fn release_address(&self, email: &Email, of: &UserId) -> Result<(), StoreError> {
        let is_theirs = Condition::equals("user_id", of);
        let set = WriteSet::new().with(Change::delete(&self.table, keys::address(email), is_theirs), ());
        done_by_now(set).await
    }
}

impl FindAccount for Orders {
    async fn find_account(&self, email: &Email) -> Result<Option<Account>, StoreError> {
        let Some(address) = self.table.get::<AddressRow>(keys::address(email)).await? else { return Ok(None) };
        let account = self.load_account(&address.body.user_id).await?;
        Ok(account.filter(|account| account.email == *email))
    }
}

impl FindGuestOrders for Orders {
    async fn find_guest_orders(
        &self,
        email: &Email,
        position: Option<HashMap<String, String>>,
    ) -> Result<Page<Order>, StoreError> {
        self.table.query(Query::index(keys::guest_index(email)).after(position)).await
    }
}

impl ListOrder for Orders {
    async fn list_order(&self, order: &Order, listed: &ListedFor) -> Result<(), StoreError> {
        let is_free = ["user_id", "listed_for", "departed"].map(Condition::lacks);
        let change = Change::update(&self.table, keys::order(order.id))
            .set("listed_for", listed)
            .set("gsi1pk", keys::user_index(&listed.user_id))
            .set("gsi1sk", order.id.ulid().to_string())
            .when(Condition::All(is_free.into()))
            .when(Condition::equals("email", &order.email));
        done_by_now(WriteSet::new().with(change, ())).await
    }
}

/// Writes what may have been written before, or need not be any more.
async fn done_by_now(set: WriteSet<()>) -> Result<(), StoreError> {
    match set.commit().await {
        Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}
