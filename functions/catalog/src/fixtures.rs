//! A product for tests that need one.

use kernel::{CategoryId, ProductId, Timestamp, Ulid};
use serde_json::{Value, json};

use crate::domain::{NewProduct, Offer, Product};

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

pub(crate) fn tea() -> (Product, Vec<Offer>) {
    let new: NewProduct = serde_json::from_value(tea_body()).unwrap();
    new.into_product(ProductId::new(Ulid(7)), vec![category_id()], now())
}
