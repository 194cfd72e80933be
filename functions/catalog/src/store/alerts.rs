//! Who waits for what: an alert with its SKU, and a slot with the address or the account that it counts for.

use std::collections::BTreeSet;

use dynamo::{Change, Condition, Entity, Personal, Query, Row, StoreError, WriteError, WriteSet, batch_get};
use events::{BackInStock, Envelope};
use kernel::{ProductId, Sku, Timestamp, UserId};
use privacy::Tombstone;
use users::interface::{Profile, Users};

use crate::domain::{Addressee, AlertSlot, Offer, Product, StockAlert};
use crate::handlers::create_stock_alert::{LoadAsked, LoadSlots, NotSaved, SaveAlert};
use crate::handlers::send_stock_alerts::{AT_ONCE, LoadAlerts, LoadTold, TellAlert, Told};
use crate::store::{Catalog, keys};

impl Entity for StockAlert {
    const TYPE: &'static str = "stock_alert";
    const PERSONAL: Personal = Personal::Erase;
}

impl Entity for AlertSlot {
    const TYPE: &'static str = "alert_slot";
    // The key holds a guest's address as a hash, or who a shopper is.
    const PERSONAL: Personal = Personal::Erase;
}

/// Alerts, and the accounts of those who wait with one.
#[derive(Debug, Clone)]
pub struct Alerts {
    catalog: Catalog,
    users: Users,
}

impl Alerts {
    /// The tables that `CATALOG_TABLE` and `USERS_TABLE` name.
    ///
    /// # Errors
    /// When a setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self { catalog: Catalog::from_env().await?, users: Users::from_env().await? })
    }
}

impl LoadAsked for Alerts {
    async fn load_asked(
        &self,
        sku: &Sku,
        user: Option<&UserId>,
    ) -> Result<(Option<Offer>, Option<Profile>), StoreError> {
        let profile_key = user.map(|user| self.users.profile_key(user));
        let mut batch = batch_get([self.catalog.offer_key(sku)].into_iter().chain(profile_key)).await?;
        let profile = match user {
            Some(user) => self.users.take_profile(&mut batch, user)?,
            None => None,
        };
        Ok((self.catalog.take_offer(&mut batch, sku)?, profile))
    }
}

impl LoadSlots for Alerts {
    async fn load_slots(&self, to: &Addressee) -> Result<Vec<AlertSlot>, StoreError> {
        self.catalog.slots_of(&keys::waiter(to)).await
    }
}

impl SaveAlert for Alerts {
    async fn save_alert(&self, alert: &StockAlert, now: Timestamp) -> Result<(), WriteError<NotSaved>> {
        let (table, waiter) = (&self.catalog.table, keys::waiter(&alert.to));
        let row = about(Row::new(keys::alert(&alert.sku, &waiter), alert.clone()), alert);
        let slot = about(Row::new(keys::alert_slot(&waiter, alert.slot), alert.slot(now)), alert);
        // Only what has expired may be written over; DynamoDB takes its time to remove it.
        let is_over = || Condition::Absent.or(Condition::less_than("ttl", now.epoch_seconds() + 1));
        let is_sold_out = Condition::less_than("available", 1);
        let mut set = WriteSet::new()
            .with(Change::put(table, &row, is_over()), NotSaved::Raced)
            .with(Change::put(table, &slot, is_over()), NotSaved::Raced)
            .with(Change::check(table, keys::stock(&alert.sku), is_sold_out), NotSaved::InStock);
        if let Some(user) = alert.to.user_id() {
            set.push(Tombstone::check(table, user), NotSaved::Left);
        }
        set.commit().await
    }
}

/// A row of `alert`: it expires with it, and a shopper's goes with their account.
fn about<T: Entity>(row: Row<T>, alert: &StockAlert) -> Row<T> {
    let row = row.expiring(alert.expires_at.epoch_seconds());
    match alert.to.user_id() {
        Some(user) => row.about(user),
        None => row,
    }
}

impl LoadAlerts for Alerts {
    async fn load_alerts(&self, sku: &Sku) -> Result<Vec<Row<StockAlert>>, StoreError> {
        let query = Query::partition(keys::alerts(sku)).consistent().limit(AT_ONCE);
        Ok(self.catalog.table.query(query).await?.rows)
    }
}

impl LoadTold for Alerts {
    async fn load_told(&self, sku: &Sku, alerts: &[Row<StockAlert>]) -> Result<Told, StoreError> {
        let table = &self.catalog.table;
        let users: Vec<&UserId> = alerts.iter().filter_map(|row| row.body.to.user_id()).collect();
        let products: BTreeSet<ProductId> = alerts.iter().map(|row| row.body.product_id).collect();
        let wanted = [self.catalog.offer_key(sku)].into_iter();
        let wanted = wanted.chain(products.iter().map(|id| (table, keys::product(*id))));
        let mut batch = batch_get(wanted.chain(users.iter().map(|user| self.users.profile_key(user)))).await?;
        let mut told = Told { offer: self.catalog.take_offer(&mut batch, sku)?, ..Told::default() };
        for id in products {
            let product = batch.take::<Product>(table, &keys::product(id))?;
            told.slugs.extend(product.map(|row| (id, row.body.slug)));
        }
        for user in users {
            told.profiles.extend(self.users.take_profile(&mut batch, user)?);
        }
        Ok(told)
    }
}

impl TellAlert for Alerts {
    async fn tell_alert(
        &self,
        alert: &Row<StockAlert>,
        event: Option<&Envelope<BackInStock>>,
        now: Timestamp,
    ) -> Result<(), WriteError<()>> {
        let (table, StockAlert { sku, slot, expires_at, .. }) = (&self.catalog.table, &alert.body);
        let unchanged = Condition::equals("version", alert.version);
        let mut set = WriteSet::new().with(Change::delete(table, alert.key.clone(), unchanged), ());
        // What has expired may have left its slot to another SKU.
        if *expires_at > now {
            let own = Condition::Absent.or(Condition::equals("sku", sku));
            set.push(Change::delete(table, keys::alert_slot(&alert.key.sk, *slot), own), ());
        }
        if let Some(event) = event {
            set.push(Change::announce(table, event), ());
        }
        set.commit().await
    }
}

impl Catalog {
    /// All that `waiter` waits for.
    pub(super) async fn slots_of(&self, waiter: &str) -> Result<Vec<AlertSlot>, StoreError> {
        let query = Query::partition(keys::alert_slots(waiter)).consistent();
        Ok(self.table.query(query).await?.rows.into_iter().map(|row| row.body).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn alert(to: Addressee) -> StockAlert {
        StockAlert::new(fixtures::tea().1.remove(0).sku, fixtures::tea().0.id, to, 3, fixtures::now())
    }

    fn guest() -> Addressee {
        Addressee::Guest { email: "ada@example.com".parse().unwrap(), locale: kernel::Locale::De }
    }

    fn shopper() -> Addressee {
        Addressee::User { user_id: fixtures::STAFF.parse().unwrap() }
    }

    #[test]
    fn alerts_and_slots_are_read_as_they_were_written() {
        fn read_back<T: Entity>(row: &Row<T>) -> Row<T> {
            let item: dynamo::Item = serde_dynamo::to_item(row).unwrap();
            serde_dynamo::from_item(item).unwrap()
        }
        for to in [guest(), shopper()] {
            let alert = alert(to);
            let waiter = keys::waiter(&alert.to);
            let row = about(Row::new(keys::alert(&alert.sku, &waiter), alert.clone()), &alert);
            assert_eq!(read_back(&row), row);
            let slot = about(Row::new(keys::alert_slot(&waiter, 3), alert.slot(fixtures::now())), &alert);
            assert_eq!(read_back(&slot), slot);
        }
    }

    #[test]
    fn a_shopper_s_rows_are_found_by_their_account_and_a_guest_s_hold_no_address_in_their_keys() {
        let row = |alert: &StockAlert| {
            about(Row::new(keys::alert(&alert.sku, &keys::waiter(&alert.to)), alert.clone()), alert)
        };
        let (shopper, guest) = (row(&alert(shopper())), row(&alert(guest())));
        assert_eq!(shopper.index.unwrap().gsi1pk, format!("PERSON#{}", fixtures::STAFF));
        assert_eq!((shopper.key.sk.as_str(), guest.index), (fixtures::STAFF, None));
        let hash = guest.key.sk;
        assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
    }
}
