//! Counts, receipts and write-offs, each with its line in the ledger; and from when on a stock is low.

use api::AuditEntry;
use api::idempotency::{Claim, Record};
use dynamo::{Change, Condition, Entity, Page, Personal, Query, Row, StoreError, WriteError, WriteSet, batch_get};
use kernel::{Sku, Ulid};

use crate::domain::{LedgerEntry, Movement, Offer};
use crate::handlers::adjust_inventory::{Adjustment, LoadStock, SaveAdjustment};
use crate::handlers::get_inventory::{LoadLedger, ReadStock};
use crate::handlers::list_products::Place;
use crate::handlers::update_inventory::SaveThreshold;
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

impl ReadStock for Catalog {
    async fn read_stock(&self, sku: &Sku) -> Result<Option<Row<Offer>>, StoreError> {
        self.table.get(keys::stock(sku)).await
    }
}

impl LoadLedger for Catalog {
    async fn load_ledger(&self, sku: &Sku, limit: u16, after: Option<Place>) -> Result<Page<LedgerEntry>, StoreError> {
        let ledger = Query::partition(keys::ledger_of(sku)).descending().consistent();
        self.table.query(ledger.limit(limit).after(after)).await
    }
}

impl SaveAdjustment for Catalog {
    async fn save_adjustment(&self, adjustment: Adjustment<'_>) -> Result<(), WriteError<()>> {
        let Adjustment { offer, entry, id, audit, claim } = adjustment;
        let mut set = WriteSet::new()
            .with(self.adjusted(offer, entry), ())
            .with(self.ledger_line(entry, id), ())
            .with(audit.record(&self.table, id), ());
        if let Some((claim, response)) = claim {
            set.push(claim.record(&self.table, response, entry.at), ());
        }
        set.commit().await
    }
}

impl SaveThreshold for Catalog {
    async fn save_threshold(
        &self,
        offer: &Row<Offer>,
        low_at: u32,
        audit: &AuditEntry,
        id: Ulid,
    ) -> Result<(), WriteError<()>> {
        let change = Change::update(&self.table, offer.key.clone())
            .when(Condition::equals("version", offer.version))
            .set("low_at", low_at);
        WriteSet::new().with(change, ()).with(audit.record(&self.table, id), ()).commit().await
    }
}

impl Catalog {
    /// What an entry of the ledger does to its stock. The answer tells the exact stock, and a count is reckoned from it, so the one that was
    /// read must still be true. A row that is only held for an edit may go again, and would leave its ledger behind. Goes with
    /// [`Catalog::ledger_line`].
    pub(crate) fn adjusted(&self, offer: &Row<Offer>, entry: &LedgerEntry) -> Change {
        let unchanged = Condition::equals("version", offer.version).and(Condition::lacks("held_at"));
        self.move_stock(&entry.sku, Movement::Adjust(entry.delta)).when(unchanged)
    }

    pub(crate) fn ledger_line(&self, entry: &LedgerEntry, id: Ulid) -> Change {
        Change::create(&self.table, &Row::new(keys::ledger(&entry.sku, entry.at, id), entry.clone()))
    }
}
