//! A product for tests that need one.

use kernel::{CategoryId, Currency, ProductId, Timestamp, Ulid};
use serde_json::{Value, json};

use crate::domain::{Edit, Moment, Offer, Product, ShopZone, Stored, StoredOffer, edit};

pub(crate) const STAFF: &str = "8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d";

pub(crate) fn now() -> Timestamp {
    testkit::now()
}

pub(crate) fn new_id() -> Ulid {
    Ulid(42)
}

pub(crate) fn category_id() -> CategoryId {
    CategoryId::new(Ulid(1))
}

pub(crate) fn other_category_id() -> CategoryId {
    CategoryId::new(Ulid(2))
}

/// `POST /admin/products` of a tea in one size.
pub(crate) fn tea_body() -> Value {
    json!({
        "slug": "darjeeling", "title": "Darjeeling", "description": "First flush.", "category_id": category_id(),
        "status": "active", "tags": ["black"], "tax_class": "reduced", "options": [],
        "variants": [{
            "sku": "TEA-100", "title": "100 g", "options": {}, "price": {"amount": 1999, "currency": "EUR"}, "weight_grams": 120,
        }],
    })
}

/// The shop of the tests is in Berlin.
pub(crate) fn zone() -> ShopZone {
    "Europe/Berlin".parse().unwrap()
}

pub(crate) fn moment() -> Moment {
    zone().moment(now())
}

pub(crate) fn tea() -> (Product, Vec<Offer>) {
    let Edit { product, variants, .. } = new_product(tea_body());
    (product, variants)
}

/// The tea as it is read for an edit: its row has version 3, its variant's 1.
pub(crate) fn stored_tea() -> Stored {
    stored(new_product(tea_body()))
}

/// What creating `body` writes.
pub(crate) fn new_product(body: Value) -> Edit {
    let input = serde_json::from_value(body).unwrap();
    edit::create(ProductId::new(Ulid(7)), input, Currency::EUR, moment()).unwrap()
}

/// What is read after `edit`.
pub(crate) fn stored(edit: Edit) -> Stored {
    let offers = edit.variants.into_iter().map(|offer| StoredOffer { offer, version: 1 }).collect();
    Stored { product: edit.product, version: 3, offers }
}

/// `POST /admin/products` of a tea in so many sizes.
pub(crate) fn tea_in_sizes(count: usize) -> Value {
    let mut body = tea_body();
    let sizes: Vec<String> = (0..count).map(|number| format!("{} g", 10 * (number + 1))).collect();
    let variant = |size: &String| {
        let sku = format!("TEA-{}", size.trim_end_matches(" g"));
        json!({ "sku": sku, "options": { "Size": size }, "price": { "amount": 500, "currency": "EUR" } })
    };
    body["variants"] = sizes.iter().map(variant).collect();
    body["options"] = json!([{ "name": "Size", "values": sizes }]);
    body
}
