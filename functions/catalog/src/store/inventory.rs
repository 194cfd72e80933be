//! Counts, receipts and write-offs, each with its line in the ledger.

use api::idempotency::{Claim, Record};
use dynamo::{Change, Condition, Entity, Personal, Row, StoreError, WriteError, WriteSet, batch_get};
use kernel::Sku;

use crate::domain::{LedgerEntry, Movement, Offer, Product};
use crate::handlers::adjust_inventory::{Adjustment, LoadStock, SaveAdjustment};
use crate::store::{Catalog, keys};

impl Entity for LedgerEntry {
    const TYPE: &'static str = "ledger";
    const PERSONAL: Personal = Personal::Keep("stock must be accounted for; an actor is a bare id");
}

impl LoadStock for Catalog {
    async fn load_stock(
        &self,
        sku: &Sku,
        claim: Option<&Claim>,
    ) -> Result<(Option<Row<Offer>>, Option<Row<Record>>), StoreError> {
        let keys = [keys::stock(sku)].into_iter().chain(claim.map(Claim::key));
        let mut batch = batch_get(keys.map(|key| (&self.table, key))).await?;
        let record = claim.map(|claim| batch.take(&self.table, &claim.key())).transpose()?.flatten();
        Ok((batch.take(&self.table, &keys::stock(sku))?, record))
    }
}

impl SaveAdjustment for Catalog {
    async fn save_adjustment(&self, adjustment: Adjustment<'_>) -> Result<(), WriteError<()>> {
        let Adjustment { offer, entry, id, audit, claim } = adjustment;
        let table = &self.table;
        // The answer tells the exact stock, so the one it was reckoned from must still be true.
        let unchanged = Condition::equals("version", offer.version);
        let movement = self.move_stock(&entry.sku, Movement::Adjust(entry.delta)).when(unchanged);
        let mut set = WriteSet::new()
            .with(movement, ())
            .with(Change::create(table, &Row::new(keys::ledger(&entry.sku, entry.at, id), entry.clone())), ())
            .with(audit.record(table, id), ());
        if let Some((claim, response)) = claim {
            set.push(claim.record(table, response, entry.at), ());
        }
        self.show_in_lists(&mut set, &offer.body, offer.body.available + entry.delta).await?;
        set.commit().await
    }
}

impl Catalog {
    /// When staff count the last unit out or the first one in, lists show it in the same moment. What shoppers buy does not come this way.
    async fn show_in_lists(&self, set: &mut WriteSet<()>, offer: &Offer, available: i64) -> Result<(), StoreError> {
        if (offer.available > 0) == (available > 0) {
            return Ok(());
        }
        let Some(product) = self.table.get::<Product>(keys::product(offer.product_id)).await? else { return Ok(()) };
        let in_stock = available > 0 || self.others_available(&product.body, &offer.sku).await?;
        // Touched even if nothing changes for it: of two SKUs that run out together, one must see the other.
        let touch = Change::update(&self.table, keys::product(product.body.id))
            .when(Condition::equals("version", product.version))
            .set("in_stock", in_stock);
        set.push(touch, ());
        if in_stock != product.body.in_stock {
            for key in keys::listings(&product.body) {
                set.push(Change::update(&self.table, key).set("in_stock", in_stock), ());
            }
        }
        Ok(())
    }

    async fn others_available(&self, product: &Product, sku: &Sku) -> Result<bool, StoreError> {
        let others: Vec<&Sku> = product.skus.iter().filter(|other| *other != sku).collect();
        let mut batch = batch_get(others.iter().map(|sku| self.offer_key(sku))).await?;
        for sku in others {
            if self.take_offer(&mut batch, sku)?.is_some_and(|offer| offer.available > 0) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
