use std::collections::BTreeMap;

use kernel::{Money, ProductId, Sku};
use pricing::TaxClass;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::Stock;

/// A variant as it is sold: what a cart and an order need of it, its price, and its stock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub sku: Sku,
    pub product_id: ProductId,
    /// Place among the product's variants, from 0.
    pub position: u16,
    /// The product's title.
    pub title: String,
    pub variant_title: String,
    /// The value this variant has for each of the product's options.
    pub options: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    pub price: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_at_price: Option<Money>,
    pub tax_class: TaxClass,
    pub weight_grams: u32,
    /// False while the product is a draft.
    pub for_sale: bool,
    pub available: i64,
    pub reserved: i64,
    pub committed: i64,
    pub on_hand: i64,
}

impl Offer {
    #[must_use]
    pub fn stock(&self) -> Stock {
        Stock { on_hand: self.on_hand, available: self.available, reserved: self.reserved, committed: self.committed }
    }
}

/// A picture of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Image {
    pub url: String,
    /// What the picture shows, for those who cannot see it.
    pub alt: String,
}
