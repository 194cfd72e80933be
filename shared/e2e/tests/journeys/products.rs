//! What staff do to products, and what shoppers see of it.

use std::collections::HashSet;

use api::Code;
use e2e::buyer::Buyer;
use e2e::crowd::at_once;
use e2e::faults::Fault;
use e2e::goods::{adjust, goods, product_body};
use e2e::operator::Table;
use e2e::products::{as_edited, as_staff, by_admin, change, created, etag, in_sizes, now, path, skus, stock_row};
use e2e::shop::{Answer, delete, eventually, get, patch, post, put};
use e2e::unique;
use serde_json::{Value, json};

fn shown(product: &Value) -> Answer {
    get(&format!("/products/{}", product["id"].as_str().unwrap())).send()
}

fn by_slug(slug: &Value) -> Answer {
    get(&format!("/products/by-slug/{}", slug.as_str().unwrap())).send()
}

fn variant_path(product: &Value, sku: &str) -> String {
    format!("{}/variants/{sku}", path(product))
}

/// An active product with one variant, as staff see it.
fn lamp() -> Value {
    created(&product_body(1999))
}

/// What shoppers see of the product once the index has caught up with `is_so`.
fn seen(product: &Value, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    eventually(what, || {
        let answer = shown(product);
        (answer.status == 200).then(|| answer.json()).filter(&is_so)
    })
}

fn euros(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

#[test]
fn a_draft_is_prepared_put_up_for_sale_and_archived() {
    let mut body = product_body(1999);
    body["status"] = json!("draft");
    body["attributes"] = json!({ "Material": "Brass", "Origin": "India" });
    let draft = created(&body);
    assert_eq!((&draft["status"], &draft["attributes"]), (&json!("draft"), &body["attributes"]));
    shown(&draft).refused(Code::NotFound);
    by_slug(&draft["slug"]).refused(Code::NotFound);

    let active = change(&draft, &json!({ "status": "active", "description": "It glows." })).expect(200);
    assert_eq!((&active["status"], &active["title"]), (&json!("active"), &draft["title"]));
    let shoppers = seen(&draft, "the product to be seen", |_| true);
    assert_eq!((&shoppers["description"], &shoppers["attributes"]), (&json!("It glows."), &body["attributes"]));
    let buyer = Buyer::guest();
    buyer.add(&skus(&draft)[0], 1).expect(200);

    change(&draft, &json!({ "status": "archived" })).expect(200);
    eventually("the product to be gone", || (shown(&draft).status == 404).then_some(()));
    assert_eq!(buyer.cart().expect(200)["lines"][0]["issues"][0]["code"], "not_for_sale");
    Buyer::guest().add(&skus(&draft)[0], 1).refused(Code::SkuNotFound);
    assert_eq!(as_staff(&draft).expect(200)["status"], "archived");
}

#[test]
fn of_two_staff_who_edit_one_product_the_second_is_told_and_loses_nothing() {
    let product = lamp();
    let seen_by_both = etag(&product);
    let edit = |etag: &str, body: Value| by_admin(patch(&path(&product))).header("If-Match", etag).json(&body).send();
    let first = edit(&seen_by_both, json!({ "title": "Brass lamp" }));
    first.expect(200);
    edit(&seen_by_both, json!({ "description": "It glows." })).refused(Code::VersionMismatch);
    let kept = as_staff(&product);
    assert_eq!((as_edited(&product), kept.header("etag")), (first.json(), first.header("etag")));

    edit(kept.header("etag").unwrap(), json!({ "description": "It glows." })).expect(200);
    let both = as_staff(&product).expect(200);
    assert_eq!((&both["title"], &both["description"]), (&json!("Brass lamp"), &json!("It glows.")));
    by_admin(patch(&path(&product))).json(&json!({ "title": "Lamp" })).send().refused(Code::IfMatchMissing);
    edit("3", json!({ "title": "Lamp" })).refused(Code::InvalidHeader);
}

#[test]
fn of_many_edits_of_one_version_one_is_made() {
    let product = lamp();
    let etag = etag(&product);
    // Nobody writes before the others have read.
    let _slow = Fault::on("TransactWriteItems").containing(product["id"].as_str().unwrap()).delay(500);
    let answers = at_once(8, |number| {
        let body = json!({ "title": format!("Lamp {number}"), "tags": [format!("tag {number}")] });
        by_admin(patch(&path(&product))).header("If-Match", &etag).json(&body).send()
    });
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(made.len(), 1, "{answers:?}");
    refused.iter().for_each(|answer| {
        answer.refused(Code::VersionMismatch);
    });
    assert_eq!(as_edited(&product), made[0].json());
    let row = stock_row(&skus(&product)[0]).unwrap();
    assert_eq!(row["title"], made[0].json()["title"], "carts and orders show the same");
}

#[test]
fn a_product_is_replaced_whole() {
    let product = created(&in_sizes(3));
    let wanted = in_sizes(2);
    let replaced = now(put(&path(&product)), &product).json(&wanted).send();
    let after = replaced.expect(200);
    assert_eq!((skus(&after).len(), &after["slug"]), (2, &wanted["slug"]));
    assert_eq!(as_edited(&product), after);
    // Nobody ever had them, so the SKUs are free.
    assert!(skus(&product).iter().all(|sku| stock_row(sku).is_none()));
    let again = now(put(&path(&product)), &product).json(&wanted).send();
    assert_eq!((again.expect(200), again.header("etag")), (after, replaced.header("etag")), "nothing to do");
}

#[test]
fn a_slug_of_before_leads_to_the_product_and_belongs_to_it() {
    let product = lamp();
    let (old, new) = (product["slug"].clone(), json!(format!("brass-{}", unique())));
    eventually("the slug to be seen", || (by_slug(&old).status == 200).then_some(()));
    change(&product, &json!({ "slug": new })).expect(200);
    let moved = eventually("the old slug to lead on", || Some(by_slug(&old)).filter(|answer| answer.status == 301));
    assert_eq!(moved.header("location"), Some(format!("/v1/products/by-slug/{}", new.as_str().unwrap()).as_str()));
    assert!(moved.header("cache-control").unwrap().starts_with("public"));
    let found = by_slug(&new);
    assert_eq!(found.expect(200)["id"], product["id"]);
    let again = get(&format!("/products/by-slug/{}", new.as_str().unwrap()));
    assert_eq!(again.header("If-None-Match", found.header("etag").unwrap()).send().status, 304);

    let mut other = product_body(1999);
    other["slug"] = old.clone();
    by_admin(post("/admin/products")).json(&other).send().refused(Code::SlugTaken);
    change(&lamp(), &json!({ "slug": old })).refused(Code::SlugTaken);
    let back = change(&product, &json!({ "slug": old })).expect(200);
    assert_eq!((&back["slug"], &back["former_slugs"]), (&old, &json!([new])));
    by_slug(&json!(format!("nobody-{}", unique()))).refused(Code::NotFound);
}

#[test]
fn what_was_ordered_is_archived_and_what_nobody_had_is_deleted() {
    let bought = goods(1999, 3);
    let mut buyer = Buyer::guest();
    buyer.add(&bought.sku, 1).expect(200);
    let order = buyer.order();
    assert_eq!(stock_row(&bought.sku).unwrap()["ordered"], true, "its row stays, also once it has no stock");
    let product = json!({ "id": bought.id });
    let archived = now(delete(&path(&product)), &product).send().expect(200);
    assert_eq!(archived["status"], "archived");
    assert_eq!(buyer.read_order(order["id"].as_str().unwrap())["lines"][0]["sku"], json!(bought.sku));
    Buyer::guest().add(&bought.sku, 1).refused(Code::SkuNotFound);
    eventually("shoppers to see it no more", || (shown(&product).status == 404).then_some(()));

    let body = product_body(1999);
    let unwanted = created(&body);
    by_admin(delete(&path(&unwanted))).header("If-Match", "\"9\"").send().refused(Code::VersionMismatch);
    assert_eq!(now(delete(&path(&unwanted)), &unwanted).send().status, 204);
    as_staff(&unwanted).refused(Code::NotFound);
    assert_ne!(created(&body)["id"], unwanted["id"], "slug and SKU are free again");
}

#[test]
fn variants_come_change_and_go() {
    let mut body = in_sizes(3);
    let third = body["variants"].as_array_mut().unwrap().pop().unwrap();
    let product = created(&body);
    let variants = format!("{}/variants", path(&product));
    let added = now(post(&variants), &product).json(&third).send().expect(201);
    assert_eq!(
        (skus(&added)[2].as_str(), &added["variants"][2]["title"]),
        (third["sku"].as_str().unwrap(), &json!("Size 2"))
    );
    now(post(&variants), &product).json(&third).send().refused(Code::SkuTaken);

    // One that lies in a cart gets another price, and the cart says so.
    let sku = skus(&added)[2].clone();
    adjust(&sku, 5);
    let buyer = Buyer::guest();
    buyer.add(&sku, 1).expect(200);
    let content = json!({ "options": { "Size": "Size 2" }, "price": euros(700), "weight_grams": 90 });
    let changed = now(put(&variant_path(&product, &sku)), &product).json(&content).send().expect(200);
    let variant = &changed["variants"][2];
    assert_eq!(
        (&variant["price"], &variant["weight_grams"], &variant["available"]),
        (&euros(700), &json!(90), &json!(5))
    );
    assert_eq!(buyer.cart().expect(200)["lines"][0]["issues"][0]["code"], "price_changed");

    // It has stock, so its row stays, its SKU is nobody else's, and it comes back as it went.
    let gone = now(delete(&variant_path(&product, &sku)), &product).send().expect(200);
    assert_eq!(skus(&gone).len(), 2);
    assert_eq!(buyer.cart().expect(200)["lines"][0]["issues"][0]["code"], "not_for_sale");
    let mut elsewhere = product_body(1999);
    elsewhere["variants"][0]["sku"] = json!(sku);
    by_admin(post("/admin/products")).json(&elsewhere).send().refused(Code::SkuTaken);
    let back = now(post(&variants), &product).json(&third).send().expect(201);
    assert_eq!((&back["variants"][2]["on_hand"], &back["variants"][2]["price"]), (&json!(5), &euros(1002)));

    // Those that nobody ever had leave nothing; the last one stays.
    for sku in &skus(&product)[..2] {
        now(delete(&variant_path(&product, sku)), &product).send().expect(200);
        assert!(stock_row(sku).is_none());
    }
    now(delete(&variant_path(&product, &sku)), &product).send().refused(Code::LastVariant);
    now(delete(&variant_path(&product, "NO-SUCH-SKU")), &product).send().refused(Code::NotFound);
}

#[test]
fn a_reduction_shows_the_lowest_price_of_the_thirty_days_before() {
    let product = lamp();
    let path = variant_path(&product, &skus(&product)[0]);
    let price = |price: i64, before: Option<i64>| {
        let mut body = json!({ "price": euros(price) });
        if let Some(before) = before {
            body["compare_at_price"] = euros(before);
        }
        let answer = now(put(&path), &product).json(&body).send().expect(200);
        answer["variants"][0]["lowest_price_30_days"].clone()
    };
    assert_eq!(price(1499, Some(1999)), euros(1999));
    assert_eq!(price(1299, Some(1999)), euros(1999), "reduced further");
    assert_eq!(price(2499, None), Value::Null);
    assert_eq!(price(1499, Some(2499)), euros(1299), "it cost that an instant ago");
    let shoppers = seen(&product, "the price", |product| product["variants"][0]["price"] == euros(1499));
    assert_eq!(shoppers["variants"][0]["lowest_price_30_days"], euros(1299));
}

#[test]
fn a_product_sent_twice_with_one_key_is_created_once() {
    let (body, key) = (product_body(1999), unique());
    let send = |body: &Value| by_admin(post("/admin/products")).key(&key).json(body).send();
    let answers = at_once(4, |_| send(&body));
    let ids: HashSet<String> = answers.iter().map(|answer| answer.expect(201)["id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    send(&product_body(1999)).refused(Code::IdempotencyKeyReused);
}

#[test]
fn each_edit_leaves_its_trace() {
    let product = lamp();
    change(&product, &json!({ "title": "Brass lamp", "tags": [] })).expect(200);
    change(&product, &json!({ "title": "Brass lamp" })).expect(200);
    let entries = Table::of("catalog").partition(&format!("AUDIT#{}", product["id"].as_str().unwrap()));
    let told: Vec<(&Value, &Value)> = entries.iter().map(|entry| (&entry["action"], &entry["fields"])).collect();
    assert_eq!(told.len(), 2, "what changed nothing was not noted: {told:?}");
    assert_eq!(told[1], (&json!("update_product"), &json!(["title", "tags"])));
}

#[test]
fn what_is_wrong_with_an_edit_is_told_all_at_once_with_its_places() {
    let product = lamp();
    let sku = &product["variants"][0]["sku"];
    let variant = |change: Value| {
        let mut variant = json!({ "sku": sku, "price": euros(1999) });
        variant.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({ "variants": [variant] })
    };
    let many: Vec<String> = (0..21).map(|number| number.to_string()).collect();
    let facts: Value = (0..31).map(|number| (number.to_string(), json!("x"))).collect::<serde_json::Map<_, _>>().into();
    let picture = "img_01JH8Z6V0W4T3N9Q2RSKX7M5CD";
    for (body, expected) in [
        (json!({}), vec![("", "required")]),
        (json!({ "title": "", "slug": "A b" }), vec![("/title", "required"), ("/slug", "invalid_slug")]),
        (json!({ "status": "sold" }), vec![("/status", "invalid_value")]),
        (json!({ "tax_class": "none", "id": 7 }), vec![("/tax_class", "invalid_value"), ("/id", "unknown_field")]),
        (json!({ "tags": many }), vec![("/tags", "too_many")]),
        (json!({ "tags": ["a", "b", "a"] }), vec![("/tags/2", "duplicate")]),
        (json!({ "attributes": facts }), vec![("/attributes", "too_many")]),
        (json!({ "attributes": { "Colour": "" } }), vec![("/attributes/Colour", "required")]),
        (json!({ "variants": [] }), vec![("/variants", "required")]),
        (json!({ "images": [{ "id": picture, "alt": "x" }] }), vec![("/images/0/id", "unknown_image")]),
        (
            json!({ "options": [{ "name": "Size", "values": [] }] }),
            vec![("/options/0/values", "required"), ("/variants/0/options", "option_mismatch")],
        ),
        (variant(json!({ "options": { "Size": "L" } })), vec![("/variants/0/options/Size", "option_mismatch")]),
        (variant(json!({ "price": euros(-1) })), vec![("/variants/0/price/amount", "invalid_price")]),
        (
            variant(json!({ "price": { "amount": 1, "currency": "USD" } })),
            vec![("/variants/0/price/currency", "currency_mismatch")],
        ),
        (
            variant(json!({ "compare_at_price": euros(1999) })),
            vec![("/variants/0/compare_at_price", "compare_at_too_low")],
        ),
        (variant(json!({ "weight_grams": 1_000_001 })), vec![("/variants/0/weight_grams", "out_of_range")]),
    ] {
        let refused = change(&product, &body).refused(Code::ValidationFailed);
        let faults = refused["errors"].as_array().unwrap();
        let text = |fault: &Value, member: &str| fault[member].as_str().unwrap().to_owned();
        let found: Vec<(String, String)> =
            faults.iter().map(|fault| (text(fault, "pointer"), text(fault, "code"))).collect();
        let expected: Vec<(String, String)> =
            expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect();
        assert_eq!(found, expected, "{body}");
    }
    assert_eq!(as_staff(&product).header("etag"), Some("\"1\""));
    change(&product, &json!({ "category_id": "cat_01JH8Z6V0W4T3N9Q2RSKX7M5CD" })).refused(Code::CategoryNotFound);
}

#[test]
fn who_is_no_admin_reads_and_changes_nothing() {
    let (product, packer) = (lamp(), e2e::staff::member(&["warehouse"]));
    let as_packer = |call: e2e::shop::Call| call.bearer(&packer.access_token).header("If-Match", "*");
    let read = as_packer(get(&path(&product))).send();
    assert_eq!(read.expect(200)["id"], product["id"]);
    as_packer(patch(&path(&product))).json(&json!({ "title": "Mine" })).send().refused(Code::Forbidden);
    as_packer(delete(&path(&product))).send().refused(Code::Forbidden);
    assert_eq!(as_staff(&product).expect(200), read.json());
}
