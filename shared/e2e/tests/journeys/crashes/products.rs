//! Staff create, change, replace and delete products that are too large for one transaction, and single variants of theirs.

use api::Code;
use e2e::goods::product_of;
use e2e::operator::Table;
use e2e::products::{as_staff, by_admin, path, sized, skus, stock_row};
use e2e::shop::{Answer, Call, delete, eventually_within, patch, post, put};
use e2e::unique;
use serde_json::{Value, json};

use super::catalogue::{Catalogue, up_to_date};
use super::ends::PATIENCE;
use super::flows::patient;

/// A few more than the first transaction has.
const VARIANTS: usize = 64;
/// Whoever dies leaves the rest to the consumer, which may be quicker than the next try: then the next product comes by what is left.
const LIVES: usize = 3;

pub(super) fn live(catalogue: &Catalogue) {
    for _ in 0..LIVES {
        a_product_lives(&catalogue.category);
    }
}

fn a_product_lives(category: &str) {
    let body = sized(product_of(category, 1999), VARIANTS);
    let product = made(&body);
    holds(&product, &body["title"]);
    let title = json!(format!("Lamp {}", unique()));
    let renamed = edited(&product, "its new title", &patch(&path(&product)).json(&json!({ "title": title })));
    assert_eq!(renamed.expect(200)["title"], title);
    holds(&product, &title);
    let replaced = edited(&product, "all of it as it was", &put(&path(&product)).json(&body));
    assert_eq!(replaced.expect(200)["title"], body["title"]);
    holds(&product, &body["title"]);
    a_variant_lives(&product, &body["variants"][VARIANTS - 1]);
    await_listed(&product, true);
    let gone = up_to_date("its end", || {
        let read = read(&product);
        if read.status == 404 { read } else { by_admin(delete(&path(&product))).header("If-Match", etag(&read)).send() }
    });
    assert!([204, 404].contains(&gone.status), "{}", gone.text);
    assert!(skus(&product).iter().all(|sku| stock_row(sku).is_none()));
    await_listed(&product, false);
    assert_eq!(skus(&made(&body)).len(), VARIANTS, "slug and SKUs are free again");
}

/// The last variant goes, comes back, and gets another price.
fn a_variant_lives(product: &Value, variant: &Value) {
    let variants = format!("{}/variants", path(product));
    let sku = variant["sku"].as_str().unwrap();
    let own = format!("{variants}/{sku}");
    let gone = edited(product, "the end of a variant", &delete(&own));
    assert!([200, 404].contains(&gone.status), "{}", gone.text);
    assert_eq!(stock_row(sku), None);
    // Whoever asks again for what is there already is told that the SKU is taken; that the product itself has it is seen below.
    let back = edited(product, "a variant", &post(&variants).json(variant));
    assert!([201, 409].contains(&back.status), "{}", back.text);
    let content = json!({ "options": variant["options"], "price": { "amount": 1499, "currency": "EUR" } });
    let priced = edited(product, "its price", &put(&own).json(&content)).expect(200);
    let last = &priced["variants"][VARIANTS - 1];
    assert_eq!((&last["sku"], &last["price"]), (&variant["sku"], &content["price"]));
    assert_eq!(stock_row(sku).unwrap()["price"], content["price"]);
}

/// What is answered to `call`, about the product as it is by then.
#[track_caller]
fn edited(product: &Value, what: &str, call: &Call) -> Answer {
    up_to_date(what, || by_admin(call.clone()).header("If-Match", etag(&read(product))).send())
}

/// The product of `body`, as staff see it.
pub(super) fn made(body: &Value) -> Value {
    let key = unique();
    let attempt = || {
        let answer = by_admin(post("/admin/products")).key(&key).json(body).send();
        if answer.status == Code::TryAgain.status() {
            a_minute_passes(body);
        }
        answer
    };
    patient("the product", attempt).expect(201)
}

/// As if SKUs had been taken a minute earlier: those that were taken for nobody are free now.
fn a_minute_passes(body: &Value) {
    let then = json!(kernel::fresh::now().plus_seconds(-70));
    let is_held = |sku: &String| stock_row(sku).is_some_and(|row| row.get("held_at").is_some());
    for sku in skus(body).iter().filter(|sku| is_held(sku)) {
        Table::of("catalog").set(&format!("STOCK#{sku}#0"), "STOCK", &[("held_at", then.clone())]);
    }
}

pub(super) fn read(product: &Value) -> Answer {
    patient("the product as staff see it", || as_staff(product))
}

fn etag(read: &Answer) -> String {
    read.expect(200);
    read.header("etag").expect("a product has its version").to_owned()
}

/// Holds that every variant is there and says what the product says, at the latest when the consumer was there.
#[track_caller]
fn holds(product: &Value, title: &Value) {
    let listed_under = format!("PRODUCT#{}", product["id"].as_str().unwrap());
    eventually_within(PATIENCE, "all variants to be written", || {
        let rows = Table::of("catalog").indexed(&listed_under);
        let is_whole =
            |row: &&Value| row["type"] == "stock" && row["title"] == *title && row["for_sale"] == json!(true);
        (rows.iter().filter(is_whole).count() == VARIANTS).then_some(())
    });
}

/// Waits until the list of staff has the product, or has it no more.
#[track_caller]
pub(super) fn await_listed(product: &Value, is_there: bool) {
    let id = product["id"].as_str().unwrap();
    eventually_within(PATIENCE, &format!("{id} to be listed: {is_there}"), || {
        (Table::of("catalog").get("LIST#STAFF", id).is_some() == is_there).then_some(())
    });
}
