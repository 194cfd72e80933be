//! As much of a product as is known, and what is wrong with it whatever the rest may be.
//!
//! A body that cannot be read as a product is read as a draft: what of it cannot be read is not known here, and whoever reads the product
//! says why. A list or a map is known when all of it is, and only variants are known one by one; so nothing is told that may be right once
//! the body can be read.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;

use kernel::{Currency, Fault, Faults, Money, Sku};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::domain::{ImageInput, Label, MAX_VARIANTS, ProductInput, ProductOption, VariantInput};

const MAX_OPTIONS: usize = 5;
/// As many as there are variants, for a product with one option.
const MAX_VALUES: usize = MAX_VARIANTS;
const MAX_TAGS: usize = 20;
const MAX_ATTRIBUTES: usize = 30;
/// A tonne.
const MAX_WEIGHT_GRAMS: u32 = 1_000_000;

/// What is known of a product. What needs no check beyond being read is not here.
#[derive(Debug, Deserialize)]
pub struct ProductDraft {
    #[serde(default, deserialize_with = "if_readable")]
    tags: Option<Vec<Label>>,
    #[serde(default, deserialize_with = "if_readable")]
    attributes: Option<BTreeMap<Label, Label>>,
    #[serde(default = "none_given", deserialize_with = "if_readable")]
    options: Option<Vec<ProductOption>>,
    #[serde(default, deserialize_with = "each_if_readable")]
    variants: Option<Vec<VariantDraft>>,
    #[serde(default, deserialize_with = "if_readable")]
    images: Option<Vec<ImageInput>>,
}

/// What is known of a variant.
#[derive(Debug, Default, Deserialize)]
pub struct VariantDraft {
    #[serde(default, deserialize_with = "if_readable")]
    sku: Option<Sku>,
    #[serde(default = "none_given", deserialize_with = "if_readable")]
    options: Option<BTreeMap<Label, Label>>,
    #[serde(default, deserialize_with = "if_readable")]
    price: Option<Money>,
    #[serde(default, deserialize_with = "if_readable")]
    compare_at_price: Option<Money>,
    #[serde(default, deserialize_with = "if_readable")]
    weight_grams: Option<u32>,
}

fn if_readable<'de, D: Deserializer<'de>, T: DeserializeOwned>(reader: D) -> Result<Option<T>, D::Error> {
    Ok(T::deserialize(Value::deserialize(reader)?).ok())
}

/// An element that is no object keeps its place, and nothing is known of it.
fn each_if_readable<'de, D, T>(reader: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let elements: Option<Vec<Value>> = if_readable(reader)?;
    let read =
        |element: Value| if element.is_object() { T::deserialize(element).unwrap_or_default() } else { T::default() };
    Ok(elements.map(|elements| elements.into_iter().map(read).collect()))
}

/// It is known that there are none.
fn none_given<T: Default>() -> Option<T> {
    Some(T::default())
}

impl From<&ProductInput> for ProductDraft {
    fn from(product: &ProductInput) -> Self {
        Self {
            tags: Some(product.tags.clone()),
            attributes: Some(product.attributes.clone()),
            options: Some(product.options.clone()),
            variants: Some(product.variants.iter().map(VariantDraft::from).collect()),
            images: product.images.clone(),
        }
    }
}

impl From<&VariantInput> for VariantDraft {
    fn from(variant: &VariantInput) -> Self {
        Self {
            sku: Some(variant.sku.clone()),
            options: Some(variant.options.clone()),
            price: Some(variant.price),
            compare_at_price: variant.compare_at_price,
            weight_grams: Some(variant.weight_grams),
        }
    }
}

impl ProductDraft {
    /// The draft of a change: options that it does not give are those that are stored.
    #[must_use]
    pub fn of_a_change(self) -> Self {
        Self { options: self.options.filter(|options| !options.is_empty()), ..self }
    }

    /// # Errors
    /// All that is wrong with what is known, in a shop that sells in `currency`.
    pub fn check(&self, currency: Currency) -> Result<(), Vec<Fault>> {
        let mut faults = Faults::new();
        if let Some(tags) = &self.tags {
            at_most(&mut faults, "/tags", tags.len(), MAX_TAGS);
            let repeated = repeats(tags.iter().map(Some));
            push_each(&mut faults, repeated, |at| format!("/tags/{at}"), "The tag is there twice.");
        }
        if let Some(attributes) = &self.attributes {
            at_most(&mut faults, "/attributes", attributes.len(), MAX_ATTRIBUTES);
        }
        if let Some(options) = &self.options {
            check_options(&mut faults, options);
        }
        if let Some(variants) = &self.variants {
            self.check_variants(&mut faults, variants, currency);
        }
        if let Some(images) = &self.images {
            let repeated = repeats(images.iter().map(|image| Some(image.id)));
            push_each(&mut faults, repeated, |at| format!("/images/{at}/id"), "The picture is there twice.");
        }
        faults.into_result()
    }

    fn check_variants(&self, faults: &mut Faults, variants: &[VariantDraft], currency: Currency) {
        if variants.is_empty() {
            faults.push("/variants", "required", "A product has at least one variant.");
        }
        at_most(faults, "/variants", variants.len(), MAX_VARIANTS);
        let repeated = repeats(variants.iter().map(|variant| variant.sku.as_ref()));
        push_each(faults, repeated, |at| format!("/variants/{at}/sku"), "The SKU is there twice.");
        let alike = repeats(variants.iter().map(|variant| variant.options.as_ref()));
        push_each(
            faults,
            alike,
            |at| format!("/variants/{at}/options"),
            "Another variant has the same options, or has none either.",
        );
        for (at, variant) in variants.iter().enumerate() {
            faults.nest(&format!("/variants/{at}"), variant.check(self.options.as_deref(), currency));
        }
    }
}

impl VariantDraft {
    /// # Errors
    /// All that is wrong with what is known, of a product with these `options` if they are known.
    pub fn check(&self, options: Option<&[ProductOption]>, currency: Currency) -> Result<(), Vec<Fault>> {
        let mut faults = Faults::new();
        if let Some(price) = self.price {
            check_price(&mut faults, "/price", price, currency);
        }
        if let Some(before) = self.compare_at_price {
            check_price(&mut faults, "/compare_at_price", before, currency);
            if self.price.is_some_and(|now| before.currency == now.currency && before.amount <= now.amount) {
                faults.push("/compare_at_price", "compare_at_too_low", "The price before must be above the price now.");
            }
        }
        if self.weight_grams.is_some_and(|grams| grams > MAX_WEIGHT_GRAMS) {
            faults.push("/weight_grams", "out_of_range", format!("A weight is at most {MAX_WEIGHT_GRAMS} grams."));
        }
        if let (Some(options), Some(chosen)) = (options, &self.options) {
            check_chosen(&mut faults, options, chosen);
        }
        faults.into_result()
    }
}

fn check_options(faults: &mut Faults, options: &[ProductOption]) {
    at_most(faults, "/options", options.len(), MAX_OPTIONS);
    // Nobody tells a "Size" from a "size".
    let repeated = repeats(options.iter().map(|option| Some(option.name.as_str().to_lowercase())));
    push_each(faults, repeated, |at| format!("/options/{at}/name"), "The option is there twice.");
    for (at, option) in options.iter().enumerate() {
        let place = format!("/options/{at}/values");
        if option.values.is_empty() {
            faults.push(&place, "required", "An option has at least one value.");
        }
        at_most(faults, &place, option.values.len(), MAX_VALUES);
        let repeated = repeats(option.values.iter().map(Some));
        push_each(faults, repeated, |at| format!("{place}/{at}"), "The value is there twice.");
    }
}

/// What a variant has chosen of the product's options.
fn check_chosen(faults: &mut Faults, options: &[ProductOption], chosen: &BTreeMap<Label, Label>) {
    for option in options {
        match chosen.get(&option.name) {
            Some(value) if option.values.contains(value) => {}
            Some(value) => {
                let detail = format!("'{value}' is not a value of the option '{}'.", option.name);
                faults.push(format!("/options/{}", escaped(&option.name)), "option_mismatch", detail);
            }
            None => faults.push("/options", "option_mismatch", format!("The option '{}' is missing.", option.name)),
        }
    }
    for name in chosen.keys().filter(|name| !options.iter().any(|option| option.name == **name)) {
        let detail = format!("The product has no option '{name}'.");
        faults.push(format!("/options/{}", escaped(name)), "option_mismatch", detail);
    }
}

fn check_price(faults: &mut Faults, pointer: &str, price: Money, currency: Currency) {
    faults.check(format!("{pointer}/amount"), price.as_price());
    if price.currency != currency {
        let detail = format!("This shop sells in {}.", currency.code());
        faults.push(format!("{pointer}/currency"), "currency_mismatch", detail);
    }
}

fn at_most(faults: &mut Faults, pointer: &str, count: usize, most: usize) {
    if count > most {
        faults.push(pointer, "too_many", format!("There are at most {most} of them."));
    }
}

/// Places of values that were there before. What is not known repeats nothing.
fn repeats<T: Eq + Hash>(values: impl Iterator<Item = Option<T>>) -> Vec<usize> {
    let mut known = HashSet::new();
    values.enumerate().filter_map(|(at, value)| (!known.insert(value?)).then_some(at)).collect()
}

fn push_each(faults: &mut Faults, places: Vec<usize>, pointer: impl Fn(usize) -> String, detail: &'static str) {
    for at in places {
        faults.push(pointer(at), "duplicate", detail);
    }
}

/// A member's name as part of a JSON pointer.
fn escaped(name: &Label) -> String {
    name.as_str().replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
#[path = "product_draft_tests.rs"]
mod tests;
