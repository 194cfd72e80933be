use std::collections::BTreeMap;

use events::{ProductArchived, ProductChanged};
use kernel::{CategoryId, ImageId, LongText, ProductId, Sku, Slug, Text, Timestamp};
use pricing::TaxClass;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::Image;

pub type Title = Text<1, 200>;
pub type Description = LongText<0, 10_000>;
/// A tag, an attribute's name or value, an option's name, or one of its values.
pub type Label = Text<1, 60>;
pub type AltText = Text<1, 300>;

/// Pictures of one product.
pub const MAX_IMAGES: usize = 10;
/// Slugs that a product had before and that still lead to it; the one it gave up first goes first.
pub const MAX_FORMER_SLUGS: usize = 20;

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
    /// Facts to read: `material: brass`.
    #[serde(default)]
    pub attributes: BTreeMap<Label, Label>,
    pub tax_class: TaxClass,
    pub options: Vec<ProductOption>,
    pub images: Vec<ProductImage>,
    /// The variants, in their order.
    pub skus: Vec<Sku>,
    #[serde(default)]
    pub former_slugs: Vec<Slug>,
    /// It had variants that went although they were ordered or have stock. Their rows stay, so the product's does.
    #[serde(default)]
    pub has_retired: bool,
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
    /// No longer sold, and kept for what was.
    Archived,
}

/// Something to choose: a size, a colour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductOption {
    pub name: Label,
    pub values: Vec<Label>,
}

/// A picture of a product that can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProductImage {
    pub id: ImageId,
    pub url: String,
    /// What the picture shows, for those who cannot see it.
    pub alt: String,
}

impl<'de> Deserialize<'de> for ProductImage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// As rows have it. Older ones do not repeat the id, which is the file's name.
        #[derive(Deserialize)]
        struct Stored {
            id: Option<ImageId>,
            url: String,
            alt: String,
        }
        let Stored { id, url, alt } = Stored::deserialize(deserializer)?;
        let file = url.rsplit('/').next().unwrap_or_default();
        let id = id.map_or_else(|| file.split('.').next().unwrap_or_default().parse(), Ok);
        Ok(Self { id: id.map_err(serde::de::Error::custom)?, url, alt })
    }
}

impl ProductImage {
    /// The picture as carts, orders and lists show it.
    #[must_use]
    pub fn shown(&self) -> Image {
        Image { url: self.url.clone(), alt: self.alt.clone() }
    }
}

impl Product {
    /// Whether shoppers see and buy it.
    #[must_use]
    pub fn is_for_sale(&self) -> bool {
        self.status == Status::Active
    }

    /// The picture that stands for the product.
    #[must_use]
    pub fn first_image(&self) -> Option<Image> {
        self.images.first().map(ProductImage::shown)
    }

    /// Every slug that leads to it.
    pub fn slugs(&self) -> impl Iterator<Item = &Slug> {
        std::iter::once(&self.slug).chain(&self.former_slugs)
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

    /// What the other services are told when it is no longer sold, or gone.
    #[must_use]
    pub fn archived(&self) -> ProductArchived {
        ProductArchived { product_id: self.id, slug: self.slug.clone(), skus: self.skus.clone() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_picture_without_an_id_is_known_by_its_file() {
        let id = "img_01JH8Z6V0W4T3N9Q2RSKX7M5CD";
        let url = format!("https://media.example/products/prod_1/{id}.png");
        let image: ProductImage = serde_json::from_value(json!({ "url": url, "alt": "Tea" })).unwrap();
        assert_eq!(image.id.to_string(), id);
        assert_eq!(serde_json::to_value(&image).unwrap(), json!({ "id": id, "url": url, "alt": "Tea" }));
        assert!(serde_json::from_value::<ProductImage>(json!({ "url": "https://x.example/a", "alt": "" })).is_err());
    }
}
