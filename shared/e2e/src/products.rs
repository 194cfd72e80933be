//! Products as staff make and change them.

use serde_json::{Value, json};

use crate::goods::product_body;
use crate::operator::Table;
use crate::people::admin;
use crate::shop::{Answer, Call, get, patch, post};

/// `call`, made by the shop's admin.
pub fn by_admin(call: Call) -> Call {
    call.bearer(&admin().access_token)
}

/// A body for `POST /admin/products` with so many sizes, each a variant: `<stem>-0`, `<stem>-1`, and so on.
#[must_use]
pub fn in_sizes(count: usize) -> Value {
    sized(product_body(1999), count)
}

/// `body` with so many sizes instead of its variant.
#[must_use]
pub fn sized(mut body: Value, count: usize) -> Value {
    let stem = body["variants"][0]["sku"].as_str().unwrap().to_owned();
    let sizes: Vec<String> = (0..count).map(|number| format!("Size {number}")).collect();
    let variant = |(number, size): (usize, &String)| {
        let price = json!({ "amount": 1000 + number, "currency": "EUR" });
        json!({ "sku": format!("{stem}-{number}"), "options": { "Size": size }, "price": price, "weight_grams": 100 })
    };
    body["variants"] = sizes.iter().enumerate().map(variant).collect();
    body["options"] = json!([{ "name": "Size", "values": sizes }]);
    body
}

/// A new product, as staff see it.
#[must_use]
pub fn created(body: &Value) -> Value {
    by_admin(post("/admin/products")).json(body).send().expect(201)
}

/// The path of what staff see of `product`.
#[must_use]
pub fn path(product: &Value) -> String {
    format!("/admin/products/{}", product["id"].as_str().unwrap())
}

/// The product as staff see it now.
#[must_use]
pub fn as_staff(product: &Value) -> Answer {
    by_admin(get(&path(product))).send()
}

/// The product as an edit answers it: without the pictures that are on their way.
#[must_use]
pub fn as_edited(product: &Value) -> Value {
    let mut read = as_staff(product).expect(200);
    read.as_object_mut().unwrap().remove("pending_images");
    read
}

/// What `If-Match` names to change the product as it is now.
#[must_use]
pub fn etag(product: &Value) -> String {
    let answer = as_staff(product);
    answer.expect(200);
    answer.header("etag").expect("a product has its version").to_owned()
}

/// `call`, made by the shop's admin, about the product as it is now.
pub fn now(call: Call, product: &Value) -> Call {
    by_admin(call).header("If-Match", etag(product))
}

/// Changes some of the product as it is now.
#[must_use]
pub fn change(product: &Value, change: &Value) -> Answer {
    now(patch(&path(product)), product).json(change).send()
}

/// The SKUs of a product's variants in their order.
#[must_use]
pub fn skus(product: &Value) -> Vec<String> {
    let variants = product["variants"].as_array().unwrap();
    variants.iter().map(|variant| variant["sku"].as_str().unwrap().to_owned()).collect()
}

/// The row of a SKU's price and stock, if there is one.
#[must_use]
pub fn stock_row(sku: &str) -> Option<Value> {
    Table::of("catalog").get(&format!("STOCK#{sku}#0"), "STOCK")
}
