use api::AuditEntry;
use dynamo::{Change, Condition, Entity, Personal, Query, Row, StoreError, Table, WriteError, WriteSet};
use events::{Envelope, ProductChanged};
use kernel::ProductId;
use serde::{Deserialize, Serialize};

use crate::domain::{Offer, Product};
use crate::handlers::add_image::{LoadProductRow, SaveImages};
use crate::handlers::create_product::{InsertProduct, NotCreated};
use crate::handlers::get_product::LoadProduct;
use crate::store::{Catalog, keys};

impl Entity for Product {
    const TYPE: &'static str = "product";
    const PERSONAL: Personal = Personal::None;
}

/// Makes a product's slug unique, and leads to the product.
#[derive(Debug, Serialize, Deserialize)]
struct ProductSlug {
    product_id: ProductId,
}

impl Entity for ProductSlug {
    const TYPE: &'static str = "slug";
    const PERSONAL: Personal = Personal::None;
}

impl LoadProduct for Catalog {
    async fn load_product(&self, id: ProductId) -> Result<Option<(Product, Vec<Offer>)>, StoreError> {
        let (items, _) = self.table.query_items(Query::index(keys::product_index(id))).await?;
        let mut product = None;
        let mut offers = Vec::new();
        for item in items {
            // The index follows the table a moment later, row by row: an offer may be there before its product.
            if item.get("type").and_then(|kind| kind.as_s().ok()).is_some_and(|kind| kind == Product::TYPE) {
                product = Some(Table::decode::<Product>(item)?.body);
            } else {
                offers.push(Table::decode::<Offer>(item)?.body);
            }
        }
        Ok(product.map(|product| (product, offers)))
    }
}

impl LoadProductRow for Catalog {
    async fn load_product_row(&self, id: ProductId) -> Result<Option<Row<Product>>, StoreError> {
        self.table.get(keys::product(id)).await
    }
}

impl InsertProduct for Catalog {
    /// At most 50 offers, 12 listings and 5 other rows: well within one transaction.
    async fn insert_product(
        &self,
        product: &Product,
        offers: &[Offer],
        audit: &AuditEntry,
        event: &Envelope<ProductChanged>,
    ) -> Result<(), WriteError<NotCreated>> {
        let table = &self.table;
        let index = keys::product_index(product.id);
        let slug = ProductSlug { product_id: product.id };
        let row = Row::new(keys::product(product.id), product.clone()).indexed(&index, "PRODUCT");
        let mut set = WriteSet::new()
            .with(Change::create(table, &Row::new(keys::slug(&product.slug), slug)), NotCreated::SlugTaken)
            .with(Change::create(table, &row), NotCreated::Clash)
            .with(
                Change::check(table, keys::category(product.category_id), Condition::Exists),
                NotCreated::CategoryGone,
            )
            .with(audit.record(table, event.id.ulid()), NotCreated::Clash)
            .with(Change::announce(table, event), NotCreated::Clash);
        for offer in offers {
            let place = keys::offer_index(offer.position, &offer.sku);
            let row = Row::new(keys::stock(&offer.sku), offer.clone()).indexed(&index, place);
            set.push(Change::create(table, &row), NotCreated::SkuTaken(offer.sku.clone()));
        }
        for key in keys::listings(product) {
            set.push(Change::create(table, &Row::new(key, product.listing())), NotCreated::Clash);
        }
        set.commit().await
    }
}

impl SaveImages for Catalog {
    async fn save_images(
        &self,
        version_read: u64,
        product: &Product,
        audit: &AuditEntry,
        event: &Envelope<ProductChanged>,
    ) -> Result<(), WriteError<()>> {
        let table = &self.table;
        let update = Change::update(table, keys::product(product.id))
            .when(Condition::equals("version", version_read))
            .set("images", &product.images)
            .set("updated_at", product.updated_at);
        let mut set = WriteSet::new()
            .with(update, ())
            .with(audit.record(table, event.id.ulid()), ())
            .with(Change::announce(table, event), ());
        // Lists, carts and orders show the first picture only.
        if let [first] = product.images.as_slice() {
            let shown_at = product.skus.iter().map(keys::stock).chain(keys::listings(product));
            for key in shown_at {
                set.push(Change::update(table, key).set("image", first), ());
            }
        }
        set.commit().await
    }
}
