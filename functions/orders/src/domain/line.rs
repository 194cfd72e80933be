use std::collections::BTreeMap;

use kernel::{LineId, Money, ProductId, Quantity, Sku};
use pricing::Rate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a line showed when it was ordered: later changes of the product never alter an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    pub line_id: LineId,
    #[serde(flatten)]
    pub what: DraftLine,
}

/// A priced line that is not ordered yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "QuoteLine")]
pub struct DraftLine {
    pub sku: Sku,
    pub product_id: ProductId,
    /// The product's title.
    pub title: String,
    /// What makes the variant: `{"size":"M"}`.
    pub options: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    pub quantity: Quantity,
    pub unit_price: Money,
    /// Unit price times quantity, before discounts.
    pub line_total: Money,
    pub discount: Money,
    /// Tax on what is left; contained in it if prices include tax.
    pub tax: Money,
    /// Percentage.
    pub tax_rate: Rate,
}

/// A picture of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Image {
    pub url: String,
    pub alt: String,
}

/// Something that made the order cheaper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Discount {
    /// The coupon that was entered, if it took one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub title: String,
    pub amount: Money,
}
