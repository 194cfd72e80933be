//! What is kept about people, for those who leave and those who ask.

use dynamo::{Change, Condition, Entity as _, Query, StoreError, Table, WriteError, WriteSet};
use events::UserExportRequested;
use kernel::{Email, Timestamp};
use privacy::{Collect, Forget, Leaver, Tombstone, erase_listed};
use serde_json::{Value, json};

use crate::domain::AlertSlot;
use crate::handlers::on_user_updated::ForgetGuest;
use crate::store::{Catalog, keys};

impl Forget for Catalog {
    type Error = StoreError;

    async fn forget(&self, leaver: &Leaver) -> Result<(), StoreError> {
        Tombstone::put(&self.table, &leaver.user_id, leaver.deleted_at).await?;
        erase_listed(&self.table, &leaver.user_id).await?;
        if let Some(email) = &leaver.email {
            self.forget_guest(email, leaver.deleted_at).await?;
        }
        Ok(())
    }
}

impl ForgetGuest for Catalog {
    async fn forget_guest(&self, address: &Email, until: Timestamp) -> Result<(), StoreError> {
        let hash = keys::address_hash(address);
        let slots = self.slots_of(&hash).await?.into_iter();
        for AlertSlot { sku, slot, since, .. } in slots.filter(|slot| slot.since <= until) {
            // Whoever was told meanwhile may have left the place to another SKU.
            let own = Condition::Absent.or(Condition::equals("slot", slot));
            let (alert, place) = (keys::alert(&sku, &hash), keys::alert_slot(&hash, slot));
            let set = WriteSet::new()
                .with(Change::delete(&self.table, alert, own), ())
                .with(Change::delete(&self.table, place, Condition::equals("since", since)), ());
            match set.commit().await {
                Ok(()) | Err(WriteError::Refused(_)) => {}
                Err(WriteError::Store(error)) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Collect for Catalog {
    async fn collect(&self, asked: &UserExportRequested) -> Result<Value, StoreError> {
        let mut slots = self.slots_of(&keys::address_hash(&asked.email)).await?;
        for item in self.table.all_items(Query::about(&asked.user_id)).await? {
            if Table::type_of(&item) == AlertSlot::TYPE {
                slots.push(Table::decode(item)?.body);
            }
        }
        let alerts: Vec<Value> = slots.iter().map(|slot| json!({ "sku": slot.sku, "since": slot.since })).collect();
        Ok(json!({ "stock_alerts": alerts }))
    }
}
