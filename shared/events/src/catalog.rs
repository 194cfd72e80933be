use kernel::{CategoryId, Email, ExportId, Locale, ProductId, Sku, Slug, UserId};
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

/// A product is sold no more, or is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductArchived {
    pub product_id: ProductId,
    pub slug: Slug,
    pub skus: Vec<Sku>,
}

impl Event for ProductArchived {
    const SOURCE: &'static str = "souk.catalog";
    const DETAIL_TYPE: &'static str = "ProductArchived.v1";

    fn subject(&self) -> String {
        self.product_id.to_string()
    }
}

/// A category moved or changed who sees it, or is being deleted: the lists of its products follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryChanged {
    pub category_id: CategoryId,
}

impl Event for CategoryChanged {
    const SOURCE: &'static str = "souk.catalog";
    const DETAIL_TYPE: &'static str = "CategoryChanged.v1";

    fn subject(&self) -> String {
        self.category_id.to_string()
    }
}

/// Staff want a copy of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRequested {
    pub export_id: ExportId,
}

impl Event for ExportRequested {
    const SOURCE: &'static str = "souk.catalog";
    const DETAIL_TYPE: &'static str = "ExportRequested.v1";

    fn subject(&self) -> String {
        self.export_id.to_string()
    }
}

/// Fewer units of a SKU are left than staff want there to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLow {
    pub sku: Sku,
    pub product_id: ProductId,
    /// The product's.
    pub title: String,
    pub variant_title: String,
    pub available: i64,
    /// How many there are to be.
    pub low_at: u32,
}

impl Event for StockLow {
    const SOURCE: &'static str = "souk.catalog";
    const DETAIL_TYPE: &'static str = "StockLow.v1";

    fn subject(&self) -> String {
        self.sku.to_string()
    }
}

/// A SKU can be bought again, and this person wanted to hear of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackInStock {
    pub sku: Sku,
    pub product_id: ProductId,
    pub slug: Slug,
    /// The product's.
    pub title: String,
    pub variant_title: String,
    pub email: Email,
    pub locale: Locale,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
}

impl Event for BackInStock {
    const SOURCE: &'static str = "souk.catalog";
    const DETAIL_TYPE: &'static str = "BackInStock.v1";

    fn subject(&self) -> String {
        self.sku.to_string()
    }
}
