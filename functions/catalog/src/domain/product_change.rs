use std::collections::BTreeMap;

use kernel::{CategoryId, Fault, Slug};
use pricing::TaxClass;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::{Description, ImageInput, Label, ProductInput, ProductOption, Status, Stored, Title, VariantInput};

/// What staff want to change of a product. What is not given stays; what is given takes the place of all that was there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductChange {
    slug: Option<Slug>,
    title: Option<Title>,
    description: Option<Description>,
    category_id: Option<CategoryId>,
    status: Option<Status>,
    tags: Option<Vec<Label>>,
    attributes: Option<BTreeMap<Label, Label>>,
    tax_class: Option<TaxClass>,
    options: Option<Vec<ProductOption>>,
    /// All of them: a variant that is not given goes.
    variants: Option<Vec<VariantInput>>,
    /// Those that stay, in this order.
    images: Option<Vec<ImageInput>>,
}

impl ProductChange {
    /// # Errors
    /// A change of nothing.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        if self.fields().is_empty() {
            let detail = "Give at least one field to change.".into();
            return Err(vec![Fault { pointer: String::new(), code: "required", detail }]);
        }
        Ok(())
    }

    /// The names of what is given.
    #[must_use]
    pub fn fields(&self) -> Vec<&'static str> {
        [
            ("slug", self.slug.is_some()),
            ("title", self.title.is_some()),
            ("description", self.description.is_some()),
            ("category_id", self.category_id.is_some()),
            ("status", self.status.is_some()),
            ("tags", self.tags.is_some()),
            ("attributes", self.attributes.is_some()),
            ("tax_class", self.tax_class.is_some()),
            ("options", self.options.is_some()),
            ("variants", self.variants.is_some()),
            ("images", self.images.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, is_given)| is_given.then_some(name))
        .collect()
    }

    /// All of the product with what is given.
    #[must_use]
    pub fn onto(&self, stored: &Stored) -> ProductInput {
        let now = stored.input();
        let change = self.clone();
        ProductInput {
            slug: change.slug.unwrap_or(now.slug),
            title: change.title.unwrap_or(now.title),
            description: change.description.unwrap_or(now.description),
            category_id: change.category_id.unwrap_or(now.category_id),
            status: change.status.unwrap_or(now.status),
            tags: change.tags.unwrap_or(now.tags),
            attributes: change.attributes.unwrap_or(now.attributes),
            tax_class: change.tax_class.unwrap_or(now.tax_class),
            options: change.options.unwrap_or(now.options),
            variants: change.variants.unwrap_or(now.variants),
            images: change.images,
        }
    }

    /// The variants that are asked for.
    pub fn variants(&self) -> impl Iterator<Item = &VariantInput> {
        self.variants.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures;

    fn change(body: Value) -> ProductChange {
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn what_is_not_given_stays() {
        let stored = fixtures::stored_tea();
        let wanted = change(json!({ "title": "Assam", "tags": [] })).onto(&stored);
        let same = ProductInput { title: stored.product.title.clone(), tags: stored.product.tags.clone(), ..wanted };
        assert_eq!(same, stored.input());
    }

    #[test]
    fn a_change_says_what_it_changes() {
        let given = change(json!({ "status": "archived", "images": [], "slug": "assam" }));
        assert_eq!(given.fields(), ["slug", "status", "images"]);
        assert!(given.check().is_ok());
        assert_eq!(change(json!({})).check().unwrap_err()[0].code, "required");
    }

    #[test]
    fn a_field_that_products_do_not_have_is_refused() {
        assert!(serde_json::from_value::<ProductChange>(json!({ "id": "prod_1" })).is_err());
    }
}
