use dynamo::{Entity, Personal, Query, StoreError, Table};
use kernel::{ProductId, Slug};
use serde::{Deserialize, Serialize};

use crate::domain::{Offer, Product};
use crate::handlers::get_product::LoadProduct;
use crate::handlers::get_product_by_slug::FindSlug;
use crate::store::{Catalog, keys};

impl Entity for Product {
    const TYPE: &'static str = "product";
    const PERSONAL: Personal = Personal::None;
}

/// Makes a product's slug unique, and leads to the product, also once it has another.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ProductSlug {
    pub(super) product_id: ProductId,
}

impl Entity for ProductSlug {
    const TYPE: &'static str = "slug";
    const PERSONAL: Personal = Personal::None;
}

impl LoadProduct for Catalog {
    async fn load_product(&self, id: ProductId) -> Result<Option<(Product, Vec<Offer>)>, StoreError> {
        let (items, _) = self.table.query_items(Query::index(keys::product_index(id)).limit(PAGE)).await?;
        let mut product = None;
        let mut offers = Vec::new();
        for item in items {
            // The index follows the table a moment later, row by row: an offer may be there before its product.
            if Table::type_of(&item) == Product::TYPE {
                product = Some(Table::decode::<Product>(item)?.body);
            } else {
                offers.push(Table::decode::<Offer>(item)?.body);
            }
        }
        Ok(product.map(|product| (product, offers)))
    }
}

/// A product and a hundred variants, and those on their way out of the index.
const PAGE: u16 = 250;

impl FindSlug for Catalog {
    async fn find_slug(&self, slug: &Slug) -> Result<Option<ProductId>, StoreError> {
        Ok(self.table.get::<ProductSlug>(keys::slug(slug)).await?.map(|row| row.body.product_id))
    }
}
