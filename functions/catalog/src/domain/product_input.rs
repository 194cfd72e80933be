//! A product as staff want it to be, and what may be wrong with that.

use std::collections::BTreeMap;

use kernel::{CategoryId, Currency, Fault, ImageId, Money, Sku, Slug};
use pricing::TaxClass;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::{AltText, Description, Label, ProductDraft, ProductOption, Status, Title};

pub const MAX_VARIANTS: usize = 100;

/// Every code that the checks of products and categories answer with.
pub const FAULT_CODES: &[&str] = &[
    "category_cycle",
    "compare_at_too_low",
    "currency_mismatch",
    "duplicate",
    "invalid_price",
    "option_mismatch",
    "out_of_range",
    "required",
    "too_deep",
    "too_many",
    "unknown_image",
];

/// All of a product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductInput {
    pub slug: Slug,
    pub title: Title,
    #[serde(default = "no_description")]
    pub description: Description,
    pub category_id: CategoryId,
    #[serde(default)]
    pub status: Status,
    #[serde(default)]
    pub tags: Vec<Label>,
    /// Facts to read, such as the material; at most 30.
    #[serde(default)]
    pub attributes: BTreeMap<Label, Label>,
    #[serde(default)]
    pub tax_class: TaxClass,
    #[serde(default)]
    pub options: Vec<ProductOption>,
    pub variants: Vec<VariantInput>,
    /// The pictures that stay, in this order; all of them unless given. New ones are uploaded.
    #[serde(default)]
    pub images: Option<Vec<ImageInput>>,
}

/// A variant with its SKU.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantInput {
    pub sku: Sku,
    /// Its option values, unless given.
    #[serde(default)]
    pub title: Option<Title>,
    /// One value for each of the product's options.
    #[serde(default)]
    pub options: BTreeMap<Label, Label>,
    pub price: Money,
    /// What it cost before; above `price`.
    #[serde(default)]
    pub compare_at_price: Option<Money>,
    #[serde(default)]
    pub weight_grams: u32,
}

/// A variant whose SKU is known.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantContent {
    /// Its option values, unless given.
    #[serde(default)]
    title: Option<Title>,
    /// One value for each of the product's options.
    #[serde(default)]
    options: BTreeMap<Label, Label>,
    price: Money,
    /// What it cost before; above `price`.
    #[serde(default)]
    compare_at_price: Option<Money>,
    #[serde(default)]
    weight_grams: u32,
}

/// A picture that the product has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageInput {
    pub id: ImageId,
    /// What the picture shows, for those who cannot see it.
    pub alt: AltText,
}

fn no_description() -> Description {
    Description::parse("").expect("a description may be empty")
}

impl VariantContent {
    #[must_use]
    pub fn of(self, sku: Sku) -> VariantInput {
        let Self { title, options, price, compare_at_price, weight_grams } = self;
        VariantInput { sku, title, options, price, compare_at_price, weight_grams }
    }
}

impl ProductInput {
    /// All that is wrong with the product in a shop that sells in `currency`.
    ///
    /// # Errors
    /// Every fault, with a pointer to it.
    pub fn check(&self, currency: Currency) -> Result<(), Vec<Fault>> {
        ProductDraft::from(self).check(currency)
    }
}

impl VariantInput {
    /// What the variant is called: its title, or else its values in the order of the product's options, or else as the product is.
    pub(super) fn shown_title(&self, options: &[ProductOption], product: &Title) -> String {
        let values: Vec<&str> =
            options.iter().filter_map(|option| self.options.get(&option.name)).map(Label::as_str).collect();
        match &self.title {
            Some(title) => title.to_string(),
            None if values.is_empty() => product.to_string(),
            None => values.join(" / "),
        }
    }
}

#[cfg(test)]
#[path = "product_input_tests.rs"]
mod tests;
