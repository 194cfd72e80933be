//! Products as callers read them.

use std::collections::BTreeMap;

use kernel::{CategoryId, Money, ProductId, Sku, Slug, Timestamp};
use pricing::TaxClass;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{Description, Image, Label, Offer, Product, ProductOption, Status, Title};

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Product")]
pub struct ProductView {
    id: ProductId,
    slug: Slug,
    title: Title,
    description: Description,
    category_id: CategoryId,
    status: Status,
    tags: Vec<Label>,
    tax_class: TaxClass,
    options: Vec<ProductOption>,
    images: Vec<Image>,
    variants: Vec<VariantView>,
    created_at: Timestamp,
    updated_at: Timestamp,
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
    /// Units that can be bought now.
    available: i64,
    weight_grams: u32,
}

impl ProductView {
    #[must_use]
    pub fn of(product: Product, offers: Vec<Offer>) -> Self {
        Self {
            id: product.id,
            slug: product.slug,
            title: product.title,
            description: product.description,
            category_id: product.category_id,
            status: product.status,
            tags: product.tags,
            tax_class: product.tax_class,
            options: product.options,
            images: product.images,
            variants: offers.into_iter().map(VariantView::of).collect(),
            created_at: product.created_at,
            updated_at: product.updated_at,
        }
    }
}

impl VariantView {
    fn of(offer: Offer) -> Self {
        Self {
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
