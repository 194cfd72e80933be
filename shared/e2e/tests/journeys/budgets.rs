//! How many calls to DynamoDB a request makes, as the functions themselves log it.

use api::Code;
use e2e::buyer::Buyer;
use e2e::goods::goods;
use e2e::people::shopper;
use e2e::shop::{Call, eventually, get, post, put, setting};
use e2e::{logs, settings, unique};
use serde_json::json;

/// Makes `call` and gives the number of calls to DynamoDB that answering it took.
#[track_caller]
fn calls_of(call: Call, status: u16) -> u64 {
    let correlation = format!("budget-{}", unique());
    call.header("X-Correlation-Id", &correlation).send().expect(status);
    eventually("the log line of the request", || {
        let lines = logs::of(&correlation);
        lines.iter().find(|line| line["message"] == "answered").and_then(|line| line["dynamodb_calls"].as_u64())
    })
}

#[test]
fn reading_costs_one_call() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let person = shopper();
    assert_eq!(calls_of(get(&format!("/products/{}", lamp.id)), 200), 1);
    assert_eq!(calls_of(get("/products?limit=50"), 200), 1);
    assert_eq!(calls_of(get("/categories"), 200), 1);
    assert_eq!(calls_of(get("/me").bearer(&person.access_token), 200), 1);
    assert_eq!(calls_of(get("/orders").bearer(&person.access_token), 200), 1);
}

#[test]
fn buying_keeps_to_its_budget() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let mut buyer = Buyer::guest();
    let line = format!("/carts/{}/lines", buyer.cart_id);
    assert!(calls_of(buyer.show(post(&line)).json(&json!({ "sku": lamp.sku, "quantity": 1 })), 200) <= 2);
    let set = buyer.show(put(&format!("{line}/{}", lamp.sku))).json(&json!({ "quantity": 2 }));
    assert!(calls_of(set, 200) <= 2);
    assert!(calls_of(buyer.show(get(&format!("/carts/{}", buyer.cart_id))), 200) <= 2);
    let quote = buyer.quote().expect(200);
    let body = json!({ "cart_id": buyer.cart_id, "shipping_address": e2e::buyer::address() });
    assert!(calls_of(buyer.show(post("/quotes")).json(&body), 200) <= 3);

    let key = unique();
    let place = buyer.show(post("/orders")).key(&key).json(&buyer.order_body(&quote["total"]));
    assert!(calls_of(place.clone(), 201) <= 4);
    let order = place.send().expect(201);
    buyer.order_token = order["token"].as_str().map(str::to_owned);
    let id = order["id"].as_str().unwrap();
    assert_eq!(calls_of(buyer.show(get(&format!("/orders/{id}"))), 200), 1);
    let pay = buyer.show(post(&format!("/orders/{id}/payments"))).key(&unique()).json(&json!({ "provider": "stripe" }));
    assert!(calls_of(pay, 201) <= 3);
}

#[test]
fn nothing_personal_is_logged() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let mut buyer = Buyer::guest();
    buyer.add(&lamp.sku, 1).expect(200);
    let order = buyer.order();
    let correlation = format!("private-{}", unique());
    let call = buyer.show(get(&format!("/orders/{}", order["id"].as_str().unwrap())));
    call.header("X-Correlation-Id", &correlation).send().expect(200);
    let lines = eventually("the log line", || {
        let lines = logs::of(&correlation);
        lines.iter().any(|line| line["message"] == "answered").then_some(lines)
    });
    let text = serde_json::to_string(&lines).unwrap();
    for secret in [buyer.email.as_str(), "Lovelace", "Hauptstraße", buyer.cart_token.as_deref().unwrap()] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert!(!setting("SOUK_ENVIRONMENT").is_empty());
    get("/orders/ord_1").send().refused(Code::NotFound);
}
