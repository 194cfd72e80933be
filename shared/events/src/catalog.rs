use kernel::{ProductId, Sku, Slug};
use serde::{Deserialize, Serialize};

use crate::Event;

/// A product was created, or what shoppers see of it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductChanged {
    pub product_id: ProductId,
    pub slug: Slug,
    pub title: String,
    pub skus: Vec<Sku>,
}

impl Event for ProductChanged {
    const SOURCE: &'static str = "souk.catalog";
    const DETAIL_TYPE: &'static str = "ProductChanged.v1";

    fn subject(&self) -> String {
        self.product_id.to_string()
    }
}
