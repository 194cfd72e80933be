use events::ProductChanged;
use kernel::{CategoryId, LongText, Money, ProductId, Sku, Slug, Text, Timestamp};
use pricing::TaxClass;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{Image, Listing};

pub type Title = Text<1, 200>;
pub type Description = LongText<0, 10_000>;
/// A tag, an option's name, or one of its values.
pub type Label = Text<1, 60>;
pub type AltText = Text<1, 300>;

/// Pictures of one product.
pub const MAX_IMAGES: usize = 10;

/// What is sold, without what each variant costs and how much of it there is (see [`crate::domain::Offer`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    pub id: ProductId,
    pub slug: Slug,
    pub title: Title,
    pub description: Description,
    pub category_id: CategoryId,
    pub status: Status,
    pub tags: Vec<Label>,
    pub tax_class: TaxClass,
    pub options: Vec<ProductOption>,
    pub images: Vec<Image>,
    /// The variants, in their order.
    pub skus: Vec<Sku>,
    /// What listings show; kept here because the lowest price is part of a listing's key.
    pub price_from: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_at_from: Option<Money>,
    pub in_stock: bool,
    /// Its category and those above it: where it is listed while it is active.
    pub listed_in: Vec<CategoryId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Whether shoppers see a product.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ProductStatus")]
pub enum Status {
    #[default]
    Draft,
    Active,
}

/// Something to choose: a size, a colour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductOption {
    pub name: Label,
    pub values: Vec<Label>,
}

impl Product {
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.status == Status::Active
    }

    /// How lists show the product.
    #[must_use]
    pub fn listing(&self) -> Listing {
        Listing {
            id: self.id,
            slug: self.slug.clone(),
            title: self.title.clone(),
            image: self.images.first().cloned(),
            price_from: self.price_from,
            compare_at_from: self.compare_at_from,
            in_stock: self.in_stock,
        }
    }

    /// What the other services are told.
    #[must_use]
    pub fn changed(&self) -> ProductChanged {
        ProductChanged {
            product_id: self.id,
            slug: self.slug.clone(),
            title: self.title.to_string(),
            skus: self.skus.clone(),
        }
    }

    /// The product with one more picture; none when it has as many as it may have.
    #[must_use]
    pub fn with_image(mut self, image: Image, now: Timestamp) -> Option<Self> {
        if self.images.len() >= MAX_IMAGES {
            return None;
        }
        self.images.push(image);
        self.updated_at = now;
        Some(self)
    }
}
