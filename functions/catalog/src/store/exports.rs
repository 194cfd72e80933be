//! Copies of the catalogue: how far each is, and all products for them.

use std::collections::HashMap;

use api::AuditEntry;
use dynamo::{
    BatchGet, Change, Condition, Entity, Key, Personal, Query, Row, StoreError, WriteError, WriteSet, batch_get,
};
use events::{Envelope, ExportRequested};
use kernel::{ExportId, ProductId, Sku};

use crate::domain::{Export, Offer, Product, StaffListing, Stored, StoredOffer};
use crate::handlers::create_export::InsertExport;
use crate::handlers::exports::LoadExport;
use crate::handlers::run_export::{LoadCatalog, SaveExport, Shelf};
use crate::store::{Catalog, keys};

/// For so long it can be read what became of a copy.
const KEEP_SECONDS: i64 = 30 * 24 * 60 * 60;
/// Keys of one batch.
const BATCH: usize = 100;
/// Variants that are read at once, unless the first product alone has more: a function has neither memory nor time for 400 times a hundred.
const VARIANTS: usize = 2_000;

impl Entity for Export {
    const TYPE: &'static str = "catalog_export";
    const PERSONAL: Personal =
        Personal::Keep("who took a copy of the shop's data must stay known; an actor is a bare id");
}

impl InsertExport for Catalog {
    async fn insert_export(
        &self,
        export: &Export,
        audit: &AuditEntry,
        event: &Envelope<ExportRequested>,
    ) -> Result<(), StoreError> {
        let expiry = export.created_at.plus_seconds(KEEP_SECONDS).epoch_seconds();
        let row = Row::new(keys::export(export.id), export.clone()).expiring(expiry);
        let set = WriteSet::new()
            .with(Change::create(&self.table, &row), ())
            .with(audit.record(&self.table, export.id.ulid()), ())
            .with(Change::announce(&self.table, event), ());
        match set.commit().await {
            Ok(()) => Ok(()),
            Err(WriteError::Refused(_)) => Err(StoreError::Busy("a new row was there already".into())),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl LoadExport for Catalog {
    async fn load_export(&self, id: ExportId) -> Result<Option<Row<Export>>, StoreError> {
        self.table.get(keys::export(id)).await
    }
}

impl SaveExport for Catalog {
    async fn save_export(&self, before: &Row<Export>, after: &Export) -> Result<bool, StoreError> {
        let row = Row { version: before.version + 1, body: after.clone(), ..before.clone() };
        let unchanged = Condition::equals("version", before.version);
        match WriteSet::new().with(Change::put(&self.table, &row, unchanged), ()).commit().await {
            Ok(()) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl LoadCatalog for Catalog {
    async fn load_catalog(&self, after: Option<ProductId>, limit: u16) -> Result<Shelf, StoreError> {
        let after = after.map(|id| {
            HashMap::from([("pk".to_owned(), keys::STAFF_LIST.to_owned()), ("sk".to_owned(), id.to_string())])
        });
        let query = Query::partition(keys::STAFF_LIST).consistent().limit(limit).after(after);
        let page = self.table.query::<StaffListing>(query).await?;
        let listed: Vec<ProductId> = page.rows.into_iter().map(|row| row.body.id).collect();
        let last = page.next.and_then(|_| listed.last().copied());
        let mut found = self.batches(&listed.iter().map(|id| keys::product(*id)).collect::<Vec<_>>()).await?;
        let mut products = Vec::new();
        for id in listed {
            products.push((id, self.take::<Product>(&mut found, &keys::product(id))?));
        }
        let (rows, cut) = as_many_as_fit(products);
        let next = cut.or(last);
        let skus: Vec<Key> = rows.iter().flat_map(|row| &row.body.skus).map(keys::stock).collect();
        let mut found = self.batches(&skus).await?;
        let mut products = Vec::new();
        for row in rows {
            let offers = self.offers_of(&mut found, &row.body.skus)?;
            products.push(Stored { product: row.body, version: row.version, offers });
        }
        Ok(Shelf { products, next })
    }
}

/// Of products that were looked for, those that are there and read together; and the last one looked at, if others are left.
fn as_many_as_fit(products: Vec<(ProductId, Option<Row<Product>>)>) -> (Vec<Row<Product>>, Option<ProductId>) {
    let (mut rows, mut variants, mut last) = (Vec::new(), 0, None);
    for (id, row) in products {
        variants += row.as_ref().map_or(0, |row| row.body.skus.len());
        if variants > VARIANTS && !rows.is_empty() {
            return (rows, last);
        }
        rows.extend(row);
        last = Some(id);
    }
    (rows, None)
}

impl Catalog {
    /// The rows with these keys.
    async fn batches(&self, keys: &[Key]) -> Result<Vec<BatchGet>, StoreError> {
        let mut found = Vec::new();
        for some in keys.chunks(BATCH) {
            found.push(batch_get(some.iter().map(|key| (&self.table, key.clone()))).await?);
        }
        Ok(found)
    }

    fn take<T: Entity>(&self, found: &mut [BatchGet], key: &Key) -> Result<Option<Row<T>>, StoreError> {
        for batch in found {
            if let Some(row) = batch.take(&self.table, key)? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn offers_of(&self, found: &mut [BatchGet], skus: &[Sku]) -> Result<Vec<StoredOffer>, StoreError> {
        let mut offers = Vec::with_capacity(skus.len());
        for sku in skus {
            let row = self.take::<Offer>(found, &keys::stock(sku))?;
            offers.extend(row.map(|row| StoredOffer { offer: row.body, version: row.version }));
        }
        Ok(offers)
    }
}

#[cfg(test)]
mod tests {
    use kernel::Ulid;
    use telemetry::Trace;

    use super::*;
    use crate::domain::{Part, Progress};
    use crate::fixtures;

    #[test]
    fn products_of_many_variants_are_left_for_the_next_message() {
        let teas = |count: u128| {
            let tea = |number| {
                let mut product = fixtures::stored_tea().product;
                product.skus = vec![product.skus[0].clone(); 100];
                let id = ProductId::new(Ulid(number));
                (id, Some(Row::new(keys::product(id), product)))
            };
            let (rows, cut) = as_many_as_fit((1..=count).map(tea).collect());
            (rows.len(), cut)
        };
        assert_eq!(teas(20), (20, None));
        assert_eq!(teas(21), (20, Some(ProductId::new(Ulid(20)))));
        let gone = (ProductId::new(Ulid(1)), None);
        assert_eq!(as_many_as_fit(vec![gone]), (vec![], None));
    }

    #[test]
    fn a_copy_on_its_way_is_read_as_it_was_written() {
        let id = ExportId::new(Ulid(1));
        let asked = Export::new(id, fixtures::STAFF.parse().unwrap(), Trace::start("c"), fixtures::now());
        let parts = vec![Part { number: 1, etag: "\"e\"".to_owned() }];
        let after = Some(ProductId::new(Ulid(7)));
        let progress = Progress { step: 3, rest: "\"f\"".to_owned(), after, upload: Some("u".to_owned()), parts };
        for export in [asked.clone(), Export { progress, restarts: 1, ..asked }] {
            let row = Row::new(keys::export(id), export);
            let item: dynamo::Item = serde_dynamo::to_item(&row).unwrap();
            assert_eq!(serde_dynamo::from_item::<_, Row<Export>>(item).unwrap(), row);
        }
    }
}
