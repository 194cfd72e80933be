use kernel::{Money, ProductId, Slug};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{Image, Title};

/// A product as lists show it. This is what a list's row holds and what the caller reads, so that a page is one query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProductSummary")]
pub struct Listing {
    pub id: ProductId,
    pub slug: Slug,
    pub title: Title,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// The lowest price of its variants.
    pub price_from: Money,
    /// What the cheapest variant cost before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_at_from: Option<Money>,
    pub in_stock: bool,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Sort {
    #[default]
    #[serde(rename = "newest")]
    Newest,
    #[serde(rename = "price")]
    PriceUp,
    #[serde(rename = "-price")]
    PriceDown,
}
