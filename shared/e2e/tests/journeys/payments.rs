use api::Code;
use aws_lc_rs::hmac;
use e2e::buyer::Buyer;
use e2e::goods::goods;
use e2e::shop::{Answer, get, post, setting};
use e2e::stripe::{self, DECLINED_CARD, GOOD_CARD};
use e2e::{settings, unique};
use serde_json::json;

fn with_order() -> (Buyer, String) {
    let lamp = goods(1999, 5);
    let mut buyer = Buyer::guest();
    buyer.add(&lamp.sku, 1).expect(200);
    let order = buyer.order();
    let id = order["id"].as_str().unwrap().to_owned();
    (buyer, id)
}

#[test]
fn a_declined_card_leaves_the_order_open_for_another() {
    let _settings = settings::unchanged();
    let (buyer, order) = with_order();
    let payment = buyer.create_payment(&order, &unique()).expect(201);
    let secret = payment["client_secret"].as_str().unwrap();
    assert_eq!(stripe::pay(secret, DECLINED_CARD).status, 402);
    assert_eq!(buyer.read_order(&order)["status"], "pending_payment");
    stripe::pay(secret, GOOD_CARD).expect(200);
    buyer.await_status(&order, "confirmed");
    let path = format!("/payments/{}", payment["id"].as_str().unwrap());
    let payment = buyer.show(get(&path)).send().expect(200);
    assert_eq!(payment["status"], "captured");
}

#[test]
fn a_payment_sent_twice_with_one_key_is_one_payment() {
    let _settings = settings::unchanged();
    let (buyer, order) = with_order();
    let key = unique();
    let (first, again) = (buyer.create_payment(&order, &key), buyer.create_payment(&order, &key));
    first.expect(201);
    assert_eq!(first.text, again.text);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
}

#[test]
fn somebody_elses_payment_is_not_found() {
    let _settings = settings::unchanged();
    let (buyer, order) = with_order();
    let payment = buyer.create_payment(&order, &unique()).expect(201);
    let path = format!("/payments/{}", payment["id"].as_str().unwrap());
    get(&path).send().refused(Code::NotFound);
    let (stranger, _) = with_order();
    stranger.show(get(&path)).send().refused(Code::NotFound);
    stranger.create_payment(&order, &unique()).refused(Code::NotFound);
}

/// The header that Stripe sends with `body`.
fn signature(body: &str, age_seconds: i64, secret: &str) -> String {
    let time = kernel::fresh::now().epoch_seconds() - age_seconds;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={time},v1={hex}")
}

fn webhook(body: &str, age_seconds: i64, secret: &str) -> Answer {
    post("/hooks/stripe").header("Stripe-Signature", signature(body, age_seconds, secret)).text(body).send()
}

#[test]
fn a_webhook_is_taken_only_with_a_fresh_signature_over_its_very_bytes() {
    let secret = setting("SOUK_STRIPE_WEBHOOK_SECRET");
    let body =
        json!({ "id": format!("evt_{}", unique()), "type": "something.unknown", "data": { "object": {} } }).to_string();
    webhook(&body, 0, &secret).expect(200);
    webhook(&body, 0, "whsec_wrong").refused(Code::SignatureInvalid);
    webhook(&body, 600, &secret).refused(Code::SignatureInvalid);
    webhook(&body, -600, &secret).refused(Code::SignatureInvalid);
    post("/hooks/stripe").text(body.as_str()).send().refused(Code::SignatureInvalid);
    let changed = webhook(&body, 0, &secret);
    changed.expect(200);
    let forged = body.replace("something", "somethinG");
    post("/hooks/stripe")
        .header("Stripe-Signature", signature(&body, 0, &secret))
        .text(forged)
        .send()
        .refused(Code::SignatureInvalid);
}
