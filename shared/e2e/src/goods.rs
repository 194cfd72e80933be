//! Goods made for one test, so that no test depends on what another buys.

use serde_json::{Value, json};

use crate::operator::Table;
use crate::people::admin;
use crate::shop::{get, post};
use crate::unique;

/// A product with one variant.
#[derive(Debug, Clone)]
pub struct Goods {
    pub id: String,
    pub slug: String,
    pub sku: String,
    pub price: i64,
}

/// A body for `POST /admin/products` with one variant of its own.
#[must_use]
pub fn product_body(price: i64) -> Value {
    let unique = unique();
    json!({
        "slug": format!("lamp-{unique}"), "title": format!("Lamp {unique}"), "description": "A lamp.",
        "category_id": some_category(), "status": "active", "tags": ["lamp"], "tax_class": "standard", "options": [],
        "variants": [{
            "sku": format!("LAMP-{unique}"), "title": "Lamp", "options": {},
            "price": { "amount": price, "currency": "EUR" }, "weight_grams": 500,
        }],
    })
}

/// A new active product with `stock` units at `price`.
#[must_use]
pub fn goods(price: i64, stock: i64) -> Goods {
    let body = product_body(price);
    let product = post("/admin/products").bearer(&admin().access_token).json(&body).send().expect(201);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let goods = Goods {
        id: text(&product["id"]),
        slug: text(&product["slug"]),
        sku: text(&product["variants"][0]["sku"]),
        price,
    };
    if stock > 0 {
        adjust(&goods.sku, stock);
    }
    goods
}

/// Counts `quantity` units in (or out).
pub fn adjust(sku: &str, quantity: i64) {
    post(&format!("/admin/inventory/{sku}/adjustments"))
        .bearer(&admin().access_token)
        .json(&json!({ "quantity": quantity, "reason": "receipt" }))
        .send()
        .expect(201);
}

/// What shoppers see of the stock.
#[must_use]
pub fn available(goods: &Goods) -> i64 {
    let product = get(&format!("/products/{}", goods.id)).send().expect(200);
    product["variants"][0]["available"].as_i64().unwrap()
}

/// The row of price and stock, as an operator sees it.
#[must_use]
pub fn stock(goods: &Goods) -> Value {
    let row = Table::of("catalog").get(&format!("STOCK#{}#0", goods.sku), "STOCK");
    row.unwrap_or_else(|| panic!("no stock row of {}", goods.sku))
}

/// Units of `goods` that are on hand: available, reserved for unpaid orders, and committed to paid ones.
#[must_use]
pub fn bins(goods: &Goods) -> [i64; 4] {
    let row = stock(goods);
    ["on_hand", "available", "reserved", "committed"].map(|bin| row[bin].as_i64().unwrap())
}

/// Any category of the demo shop without sub-categories.
#[must_use]
pub fn some_category() -> String {
    let categories = get("/categories").send().expect(200);
    let categories = categories["data"].as_array().unwrap();
    let leaf = categories.iter().find(|category| !categories.iter().any(|other| other["parent_id"] == category["id"]));
    leaf.expect("the demo shop has categories")["id"].as_str().unwrap().to_owned()
}
