//! Goods made for one test, so that no test depends on what another buys.

use serde_json::{Value, json};

use crate::operator::Table;
use crate::people::admin;
use crate::shop::{eventually_by_queue, get, post};
use crate::unique;

/// A product with one variant.
#[derive(Debug, Clone)]
pub struct Goods {
    pub id: String,
    pub slug: String,
    pub sku: String,
    pub price: i64,
}

impl Goods {
    /// The product that staff were shown, with the first of its variants.
    #[must_use]
    pub fn of(product: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let variant = &product["variants"][0];
        Self {
            id: text(&product["id"]),
            slug: text(&product["slug"]),
            sku: text(&variant["sku"]),
            price: variant["price"]["amount"].as_i64().unwrap(),
        }
    }
}

/// A body for `POST /admin/products` with one variant of its own.
#[must_use]
pub fn product_body(price: i64) -> Value {
    product_of(&some_category(), price)
}

/// [`product_body`], of this category.
#[must_use]
pub fn product_of(category: &str, price: i64) -> Value {
    let unique = unique();
    json!({
        "slug": format!("lamp-{unique}"), "title": format!("Lamp {unique}"), "description": "A lamp.",
        "category_id": category, "status": "active", "tags": ["lamp"], "tax_class": "standard", "options": [],
        "variants": [{
            "sku": format!("LAMP-{unique}"), "title": "Lamp", "options": {},
            "price": { "amount": price, "currency": "EUR" }, "weight_grams": 500,
        }],
    })
}

/// A new active product with `stock` units at `price`. Lists show it a moment later ([`listed`]).
#[must_use]
pub fn goods(price: i64, stock: i64) -> Goods {
    goods_of(&product_body(price), stock)
}

/// The product of `body` with `stock` units of its first variant.
#[must_use]
pub fn goods_of(body: &Value, stock: i64) -> Goods {
    let product = post("/admin/products").bearer(&admin().access_token).json(body).send().expect(201);
    let goods = Goods::of(&product);
    if stock > 0 {
        adjust(&goods.sku, stock);
    }
    goods
}

/// Counts `quantity` units in (or out).
pub fn adjust(sku: &str, quantity: i64) {
    let reason = if quantity > 0 { "receipt" } else { "write_off" };
    post(&format!("/admin/inventory/{sku}/adjustments"))
        .bearer(&admin().access_token)
        .json(&json!({ "quantity": quantity, "reason": reason }))
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

/// The row that lists it as one of all products, once it is listed.
#[must_use]
pub fn listing(goods: &Goods) -> Option<Value> {
    Table::of("catalog").get("LIST#ALL#NEWEST", &goods.id)
}

/// Waits until lists show the goods.
#[track_caller]
pub fn listed(goods: &Goods) {
    eventually_by_queue(&format!("{} to be listed", goods.id), || listing(goods));
}

/// A category of the demo shop without sub-categories. Those that tests make are gone when it suits them.
#[must_use]
pub fn some_category() -> String {
    let categories = get("/categories").send().expect(200);
    let categories = categories["data"].as_array().unwrap();
    let is_of_demo =
        |category: &&Value| !category["slug"].as_str().unwrap().contains(|letter: char| letter.is_ascii_digit());
    let leaf = categories
        .iter()
        .filter(is_of_demo)
        .find(|category| !categories.iter().any(|other| other["parent_id"] == category["id"]));
    leaf.expect("the demo shop has categories")["id"].as_str().unwrap().to_owned()
}
