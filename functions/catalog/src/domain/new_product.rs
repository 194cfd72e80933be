//! A product as staff ask for it, and what may be wrong with it.

use std::collections::{BTreeMap, HashSet};

use kernel::{CategoryId, Currency, Fault, Faults, Money, ProductId, Sku, Slug, Timestamp};
use pricing::TaxClass;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::{Description, Label, Offer, Product, ProductOption, Status, Title};

const MAX_VARIANTS: usize = 50;
const MAX_OPTIONS: usize = 5;
const MAX_VALUES: usize = 50;
const MAX_TAGS: usize = 20;
/// A tonne.
const MAX_WEIGHT_GRAMS: u32 = 1_000_000;

/// Every code that [`NewProduct::check`] and [`crate::domain::Tree::place_below`] answer with.
pub const FAULT_CODES: &[&str] = &[
    "compare_at_too_low",
    "currency_mismatch",
    "duplicate",
    "invalid_price",
    "option_mismatch",
    "out_of_range",
    "required",
    "too_deep",
    "too_many",
];

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    pub slug: Slug,
    pub title: Title,
    #[serde(default = "no_description")]
    pub description: Description,
    pub category_id: CategoryId,
    #[serde(default)]
    pub status: Status,
    #[serde(default)]
    pub tags: Vec<Label>,
    #[serde(default)]
    pub tax_class: TaxClass,
    #[serde(default)]
    pub options: Vec<ProductOption>,
    pub variants: Vec<NewVariant>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVariant {
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

fn no_description() -> Description {
    Description::parse("").expect("a description may be empty")
}

impl NewProduct {
    /// All that is wrong with the product in a shop that sells in `currency`.
    ///
    /// # Errors
    /// Every fault, with a pointer to it.
    pub fn check(&self, currency: Currency) -> Result<(), Vec<Fault>> {
        let mut faults = Faults::new();
        at_most(&mut faults, "/tags", self.tags.len(), MAX_TAGS);
        let repeated = repeats(self.tags.iter());
        push_each(&mut faults, repeated, |at| format!("/tags/{at}"), "duplicate", "The tag is there twice.");
        self.check_options(&mut faults);
        self.check_variants(&mut faults, currency);
        faults.into_result()
    }

    fn check_options(&self, faults: &mut Faults) {
        at_most(faults, "/options", self.options.len(), MAX_OPTIONS);
        let repeated = repeats(self.options.iter().map(|option| &option.name));
        push_each(faults, repeated, |at| format!("/options/{at}/name"), "duplicate", "The option is there twice.");
        for (at, option) in self.options.iter().enumerate() {
            let place = format!("/options/{at}/values");
            if option.values.is_empty() {
                faults.push(&place, "required", "An option has at least one value.");
            }
            at_most(faults, &place, option.values.len(), MAX_VALUES);
            let repeated = repeats(option.values.iter());
            push_each(faults, repeated, |at| format!("{place}/{at}"), "duplicate", "The value is there twice.");
        }
    }

    fn check_variants(&self, faults: &mut Faults, currency: Currency) {
        if self.variants.is_empty() {
            faults.push("/variants", "required", "A product has at least one variant.");
        }
        at_most(faults, "/variants", self.variants.len(), MAX_VARIANTS);
        let repeated = repeats(self.variants.iter().map(|variant| &variant.sku));
        push_each(faults, repeated, |at| format!("/variants/{at}/sku"), "duplicate", "The SKU is there twice.");
        let alike = repeats(self.variants.iter().map(|variant| &variant.options));
        push_each(
            faults,
            alike,
            |at| format!("/variants/{at}/options"),
            "duplicate",
            "Another variant has the same options.",
        );
        for (at, variant) in self.variants.iter().enumerate() {
            faults.nest(&format!("/variants/{at}"), variant.check(&self.options, currency));
        }
    }

    /// The product and its offers, without any stock. `listed_in` is its category and those above it.
    ///
    /// # Panics
    /// Without a variant: [`NewProduct::check`] comes first.
    #[must_use]
    pub fn into_product(self, id: ProductId, listed_in: Vec<CategoryId>, now: Timestamp) -> (Product, Vec<Offer>) {
        let cheapest =
            self.variants.iter().min_by_key(|variant| variant.price.amount).expect("a checked product has a variant");
        let (price_from, compare_at_from) = (cheapest.price, cheapest.compare_at_price);
        let product = Product {
            id,
            slug: self.slug,
            title: self.title,
            description: self.description,
            category_id: self.category_id,
            status: self.status,
            tags: self.tags,
            tax_class: self.tax_class,
            options: self.options,
            images: Vec::new(),
            skus: self.variants.iter().map(|variant| variant.sku.clone()).collect(),
            price_from,
            compare_at_from,
            in_stock: false,
            listed_in,
            created_at: now,
            updated_at: now,
        };
        let offers =
            (0..).zip(self.variants).map(|(position, variant)| variant.into_offer(&product, position)).collect();
        (product, offers)
    }
}

impl NewVariant {
    fn check(&self, options: &[ProductOption], currency: Currency) -> Result<(), Vec<Fault>> {
        let mut faults = Faults::new();
        check_price(&mut faults, "/price", self.price, currency);
        if let Some(before) = self.compare_at_price {
            check_price(&mut faults, "/compare_at_price", before, currency);
            if before.currency == self.price.currency && before.amount <= self.price.amount {
                faults.push("/compare_at_price", "compare_at_too_low", "The price before is above the price now.");
            }
        }
        if self.weight_grams > MAX_WEIGHT_GRAMS {
            faults.push("/weight_grams", "out_of_range", format!("A weight is at most {MAX_WEIGHT_GRAMS} grams."));
        }
        for option in options {
            match self.options.get(&option.name) {
                Some(value) if option.values.contains(value) => {}
                Some(value) => {
                    let detail = format!("'{value}' is not a value of the option '{}'.", option.name);
                    faults.push(format!("/options/{}", escaped(&option.name)), "option_mismatch", detail);
                }
                None => faults.push("/options", "option_mismatch", format!("The option '{}' is missing.", option.name)),
            }
        }
        for name in self.options.keys().filter(|name| !options.iter().any(|option| option.name == **name)) {
            let detail = format!("The product has no option '{name}'.");
            faults.push(format!("/options/{}", escaped(name)), "option_mismatch", detail);
        }
        faults.into_result()
    }

    fn into_offer(self, product: &Product, position: u16) -> Offer {
        let values: Vec<&str> =
            product.options.iter().filter_map(|option| self.options.get(&option.name)).map(Label::as_str).collect();
        let variant_title = match self.title {
            Some(title) => title.to_string(),
            None if values.is_empty() => product.title.to_string(),
            None => values.join(" / "),
        };
        Offer {
            sku: self.sku,
            product_id: product.id,
            position,
            title: product.title.to_string(),
            variant_title,
            options: self.options.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
            image: None,
            price: self.price,
            compare_at_price: self.compare_at_price,
            tax_class: product.tax_class,
            weight_grams: self.weight_grams,
            for_sale: product.is_listed(),
            available: 0,
            reserved: 0,
            committed: 0,
            on_hand: 0,
        }
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

/// Places of values that were there before.
fn repeats<T: Eq + std::hash::Hash>(values: impl Iterator<Item = T>) -> Vec<usize> {
    let mut known = HashSet::new();
    values.enumerate().filter_map(|(at, value)| (!known.insert(value)).then_some(at)).collect()
}

fn push_each(
    faults: &mut Faults,
    places: Vec<usize>,
    pointer: impl Fn(usize) -> String,
    code: &'static str,
    detail: &'static str,
) {
    for at in places {
        faults.push(pointer(at), code, detail);
    }
}

/// A member's name as part of a JSON pointer.
fn escaped(name: &Label) -> String {
    name.as_str().replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
#[path = "new_product_tests.rs"]
mod tests;
