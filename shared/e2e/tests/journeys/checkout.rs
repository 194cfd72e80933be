use api::Code;
use e2e::buyer::{Buyer, address};
use e2e::goods::{available, goods};
use e2e::shop::{post, setting};
use e2e::{settings, unique};
use serde_json::json;

#[test]
fn placing_twice_with_one_key_gives_the_same_order_to_the_letter() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let buyer = Buyer::guest();
    buyer.add(&lamp.sku, 2).expect(200);
    let (total, key) = (buyer.quote().expect(200)["total"].clone(), unique());
    let first = buyer.place(&total, &key);
    first.expect(201);
    let again = buyer.place(&total, &key);
    again.expect(201);
    assert_eq!(first.text, again.text);
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), (None, Some("true")));
    assert_eq!(available(&lamp), 3);
}

#[test]
fn a_key_belongs_to_one_body() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let buyer = Buyer::guest();
    buyer.add(&lamp.sku, 1).expect(200);
    let (total, key) = (buyer.quote().expect(200)["total"].clone(), unique());
    buyer.place(&total, &key).expect(201);
    let mut other = buyer.order_body(&total);
    other["email"] = json!("somebody@example.com");
    buyer.show(post("/orders")).key(&key).json(&other).send().refused(Code::IdempotencyKeyReused);
}

#[test]
fn a_cart_becomes_one_order() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let buyer = Buyer::guest();
    buyer.add(&lamp.sku, 1).expect(200);
    let total = buyer.quote().expect(200)["total"].clone();
    let order = buyer.place(&total, &unique()).expect(201);
    let refused = buyer.place(&total, &unique()).refused(Code::CartAlreadyOrdered);
    assert_eq!(refused["order_id"], order["id"]);
    buyer.add(&lamp.sku, 1).refused(Code::CartNotOpen);
    assert_eq!(available(&lamp), 4);
}

#[test]
fn a_total_that_is_not_what_was_shown_is_refused_with_the_difference() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let buyer = Buyer::guest();
    buyer.add(&lamp.sku, 1).expect(200);
    let total = buyer.quote().expect(200)["total"].clone();
    let shown = json!({ "amount": 1, "currency": "EUR" });
    let refused = buyer.place(&shown, &unique()).refused(Code::TotalChanged);
    assert_eq!((&refused["expected_total"], &refused["total"]), (&shown, &total));
    assert_eq!(available(&lamp), 5);
    buyer.place(&total, &unique()).expect(201);
}

#[test]
fn what_cannot_be_ordered_says_why_and_takes_nothing() {
    let _settings = settings::unchanged();
    let empty = Buyer::guest();
    let total = json!({ "amount": 0, "currency": "EUR" });
    empty.place(&total, &unique()).refused(Code::CartEmpty);

    let lamp = goods(1999, 1);
    let buyer = Buyer::guest();
    buyer.add(&lamp.sku, 2).expect(200);
    let total = buyer.quote().expect(200)["total"].clone();
    let refused = buyer.place(&total, &unique()).refused(Code::OutOfStock);
    assert!(refused.to_string().contains(&lamp.sku));

    let mut nowhere = buyer.order_body(&total);
    nowhere["shipping_address"] = json!({
        "name": "Ada", "line1": "1 Main St", "city": "Albany", "region": "NY", "postal_code": "12207", "country": "US",
    });
    let answer = buyer.show(post("/orders")).key(&unique()).json(&nowhere).send();
    assert!(
        [Code::ShippingUnavailable.as_str(), Code::TaxRateMissing.as_str()]
            .contains(&answer.json()["code"].as_str().unwrap())
    );

    let mut unknown = buyer.order_body(&total);
    unknown["shipping_method"] = json!("by-camel");
    buyer.show(post("/orders")).key(&unique()).json(&unknown).send().refused(Code::ShippingMethodUnknown);

    let mut anonymous = buyer.order_body(&total);
    anonymous.as_object_mut().unwrap().remove("email");
    buyer.show(post("/orders")).key(&unique()).json(&anonymous).send().refused(Code::EmailRequired);

    let mut unreachable = buyer.order_body(&total);
    unreachable["email"] = json!("erased@erased.invalid");
    let refused = buyer.show(post("/orders")).key(&unique()).json(&unreachable).send().refused(Code::ValidationFailed);
    assert_eq!(
        (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
        (&json!("/email"), &json!("invalid_email"))
    );

    buyer.show(post("/orders")).json(&buyer.order_body(&total)).send().refused(Code::IdempotencyKeyMissing);
    assert_eq!(available(&lamp), 1);
}

#[test]
fn a_quote_for_another_cart_is_not_found() {
    let _settings = settings::unchanged();
    let (mine, yours) = (Buyer::guest(), Buyer::guest());
    let body = json!({ "cart_id": yours.cart_id, "shipping_address": address() });
    mine.show(post("/quotes")).json(&body).send().refused(Code::NotFound);
    assert!(!setting("SOUK_API_URL").is_empty());
}
