//! Products as callers read them.

use std::collections::BTreeMap;

use kernel::{CategoryId, ImageId, Money, ProductId, Sku, Slug, Timestamp};
use pricing::TaxClass;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{
    AltText, Description, Label, Offer, PendingImage, Product, ProductImage, ProductOption, Refusal, Status, Stock,
    Title,
};

/// A product as shoppers see it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Product")]
pub struct ProductView {
    #[serde(flatten)]
    product: Described,
    variants: Vec<VariantView>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What shoppers and staff see alike.
#[derive(Debug, Serialize, JsonSchema)]
struct Described {
    id: ProductId,
    slug: Slug,
    title: Title,
    description: Description,
    category_id: CategoryId,
    status: Status,
    tags: Vec<Label>,
    attributes: BTreeMap<Label, Label>,
    tax_class: TaxClass,
    options: Vec<ProductOption>,
    images: Vec<ProductImage>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Variant")]
pub struct VariantView {
    sku: Sku,
    title: String,
    options: BTreeMap<String, String>,
    price: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    compare_at_price: Option<Money>,
    /// Beside each `compare_at_price`: the lowest price of the thirty days before the reduction began; the price itself, if it had no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    lowest_price_30_days: Option<Money>,
    /// Units that can be bought now.
    available: i64,
    weight_grams: u32,
}

/// A product as staff see it, whatever its status.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminProduct")]
pub struct AdminProductView {
    #[serde(flatten)]
    product: Described,
    /// Slugs that still lead here.
    former_slugs: Vec<Slug>,
    variants: Vec<AdminVariantView>,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Pictures that were not looked at yet, and those that were refused lately; told only where a product is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_images: Option<Vec<PendingImageView>>,
}

/// A picture that shoppers do not see.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PendingImage")]
pub struct PendingImageView {
    id: ImageId,
    alt: AltText,
    status: PendingImageStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Refusal>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum PendingImageStatus {
    Pending,
    Refused,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AdminVariant")]
pub struct AdminVariantView {
    #[serde(flatten)]
    variant: VariantView,
    /// Held for orders that are not paid yet.
    reserved: i64,
    /// Sold and waiting to be shipped.
    committed: i64,
    on_hand: i64,
    /// Announced as low (`StockLow`) when fewer units are available; 0: never.
    low_at: u32,
}

impl Described {
    fn of(product: Product) -> Self {
        Self {
            id: product.id,
            slug: product.slug,
            title: product.title,
            description: product.description,
            category_id: product.category_id,
            status: product.status,
            tags: product.tags,
            attributes: product.attributes,
            tax_class: product.tax_class,
            options: product.options,
            images: product.images,
        }
    }
}

impl ProductView {
    #[must_use]
    pub fn of(product: Product, offers: Vec<Offer>) -> Self {
        Self {
            created_at: product.created_at,
            updated_at: product.updated_at,
            variants: offers.into_iter().map(VariantView::of).collect(),
            product: Described::of(product),
        }
    }
}

impl VariantView {
    fn of(offer: Offer) -> Self {
        Self {
            lowest_price_30_days: offer.lowest_price_before_reduction(),
            sku: offer.sku,
            title: offer.variant_title,
            options: offer.options,
            price: offer.price,
            compare_at_price: offer.compare_at_price,
            available: offer.available,
            weight_grams: offer.weight_grams,
        }
    }
}

impl AdminProductView {
    #[must_use]
    pub fn of(mut product: Product, offers: Vec<Offer>) -> Self {
        Self {
            former_slugs: std::mem::take(&mut product.former_slugs),
            created_at: product.created_at,
            updated_at: product.updated_at,
            variants: offers.into_iter().map(AdminVariantView::of).collect(),
            product: Described::of(product),
            pending_images: None,
        }
    }

    #[must_use]
    pub fn with_pending_images(self, pending: Vec<PendingImageView>) -> Self {
        Self { pending_images: Some(pending), ..self }
    }
}

impl PendingImageView {
    #[must_use]
    pub fn of(image: PendingImage) -> Self {
        let status = if image.refused.is_some() { PendingImageStatus::Refused } else { PendingImageStatus::Pending };
        Self { id: image.id, alt: image.alt, status, reason: image.refused }
    }
}

impl AdminVariantView {
    fn of(offer: Offer) -> Self {
        Self {
            reserved: offer.reserved,
            committed: offer.committed,
            on_hand: offer.on_hand,
            low_at: offer.low_at,
            variant: VariantView::of(offer),
        }
    }
}

/// The stock of a SKU: `on_hand` = `available` + `reserved` + `committed`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Stock")]
pub struct StockView {
    sku: Sku,
    product_id: ProductId,
    on_hand: i64,
    available: i64,
    reserved: i64,
    committed: i64,
    /// Announced as low (`StockLow`) when fewer units are available; 0: never.
    low_at: u32,
}

impl StockView {
    /// What `offer` has once its stock is `stock`.
    #[must_use]
    pub fn of(offer: &Offer, stock: Stock) -> Self {
        let Stock { on_hand, available, reserved, committed } = stock;
        let Offer { sku, product_id, low_at, .. } = offer;
        Self { sku: sku.clone(), product_id: *product_id, on_hand, available, reserved, committed, low_at: *low_at }
    }
}

#[cfg(test)]
#[path = "views_tests.rs"]
mod tests;
