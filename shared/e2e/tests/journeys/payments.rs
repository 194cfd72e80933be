use api::Code;
use e2e::buyer::Buyer;
use e2e::goods::goods;
use e2e::ordered::{Ordered, ordered};
use e2e::shop::{Answer, eventually_by_queue, get};
use e2e::stripe::{self, CREATE, DECLINED_CARD, Faults, GOOD_CARD};
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

/// One shopper clicks twenty times, and the browser makes a new key each time.
fn twenty_times_at_once(order: &Ordered) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let tries: Vec<_> = (0..20).map(|_| scope.spawn(|| order.buyer.create_payment(&order.id, &unique()))).collect();
        tries.into_iter().map(|attempt| attempt.join().unwrap()).collect()
    })
}

#[test]
fn trying_again_under_another_key_goes_on_with_the_same_payment() {
    let _settings = settings::unchanged();
    let order = ordered();
    let first = order.begin();
    assert_eq!(stripe::pay(first["client_secret"].as_str().unwrap(), DECLINED_CARD).status, 402);
    eventually_by_queue("the failure", || (order.shown(&first)["status"] == "failed").then_some(()));
    let again = order.begin();
    assert_eq!((&again["id"], &again["client_secret"]), (&first["id"], &first["client_secret"]));
    let known = stripe::known(&order.id);
    assert_eq!((known.intents().len(), known.calls(CREATE)), (1, 1));
    stripe::pay(again["client_secret"].as_str().unwrap(), GOOD_CARD).expect(200);
    order.is_paid_once(1);
    order.buyer.create_payment(&order.id, &unique()).refused(Code::OrderNotPayable);
}

#[test]
fn twenty_attempts_at_once_are_one_payment_and_one_intent() {
    let _settings = settings::unchanged();
    let order = ordered();
    let answers = twenty_times_at_once(&order);
    let (opened, busy): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    for answer in busy {
        assert!(
            [Code::TryAgain.as_str(), Code::IdempotencyInFlight.as_str()]
                .contains(&answer.json()["code"].as_str().unwrap())
        );
    }
    let payment = order.begin();
    for answer in opened {
        assert_eq!(
            (&answer.json()["id"], &answer.json()["client_secret"]),
            (&payment["id"], &payment["client_secret"])
        );
    }
    assert_eq!((order.payments().len(), stripe::known(&order.id).intents().len()), (1, 1));
    stripe::pay(payment["client_secret"].as_str().unwrap(), GOOD_CARD).expect(200);
    order.is_paid_once(1);
}

#[test]
fn whatever_becomes_of_stripes_answer_the_next_try_opens_the_same_intent() {
    let _settings = settings::unchanged();
    for fault in ["error", "in_use", "lost_answer"] {
        let order = ordered();
        let _faults = Faults::of(&order.id, &json!({ "calls": [{ "route": CREATE, "fault": fault }] }));
        let key = unique();
        order.buyer.create_payment(&order.id, &key).refused(Code::ProviderUnavailable);
        let payment = order.buyer.create_payment(&order.id, &key).expect(201);
        assert_eq!((order.payments().len(), stripe::known(&order.id).intents().len()), (1, 1), "{fault}");
        stripe::pay(payment["client_secret"].as_str().unwrap(), GOOD_CARD).expect(200);
        order.is_paid_once(1);
    }
}

#[test]
fn a_try_under_another_key_goes_on_where_a_lost_answer_left_off() {
    let _settings = settings::unchanged();
    let order = ordered();
    let _faults = Faults::of(&order.id, &json!({ "calls": [{ "route": CREATE, "fault": "lost_answer" }] }));
    order.buyer.create_payment(&order.id, &unique()).refused(Code::ProviderUnavailable);
    let payment = order.begin();
    assert_eq!((order.payments().len(), stripe::known(&order.id).intents().len()), (1, 1));
    stripe::pay(payment["client_secret"].as_str().unwrap(), GOOD_CARD).expect(200);
    order.is_paid_once(1);
}

#[test]
fn an_error_that_stripe_keeps_for_its_key_does_not_make_an_order_unpayable() {
    let _settings = settings::unchanged();
    let order = ordered();
    let _faults = Faults::of(&order.id, &json!({ "calls": [{ "route": CREATE, "fault": "kept_error" }] }));
    let key = unique();
    order.buyer.create_payment(&order.id, &key).refused(Code::ProviderUnavailable);
    let payment = eventually_by_queue("the payment to be opened", || {
        let answer = order.buyer.create_payment(&order.id, &key);
        (answer.status == 201).then(|| answer.json())
    });
    stripe::pay(payment["client_secret"].as_str().unwrap(), GOOD_CARD).expect(200);
    order.is_paid_once(1);
}

#[test]
fn when_stripe_answers_late_the_shopper_is_told_to_try_again() {
    let _settings = settings::unchanged();
    let order = ordered();
    let late = json!({ "calls": [{ "route": CREATE, "fault": "delay", "delay_ms": 8000 }] });
    let _faults = Faults::of(&order.id, &late);
    let key = unique();
    order.buyer.create_payment(&order.id, &key).refused(Code::ProviderUnavailable);
    let payment = order.buyer.create_payment(&order.id, &key).expect(201);
    assert_eq!(stripe::known(&order.id).intents().len(), 1);
    stripe::pay(payment["client_secret"].as_str().unwrap(), GOOD_CARD).expect(200);
    order.is_paid_once(1);
}

#[test]
fn an_intent_that_somebody_cancelled_at_stripe_is_replaced_by_the_next_try() {
    let _settings = settings::unchanged();
    let order = ordered();
    let first = order.begin();
    let (intent, _) = first["client_secret"].as_str().unwrap().split_once("_secret_").unwrap();
    stripe::by_hand(&format!("payment_intents/{intent}/cancel"), Vec::new());
    eventually_by_queue("the payment to be cancelled", || (order.shown(&first)["status"] == "cancelled").then_some(()));
    let second = order.begin();
    assert_ne!((&first["id"], &first["client_secret"]), (&second["id"], &second["client_secret"]));
    stripe::pay(second["client_secret"].as_str().unwrap(), GOOD_CARD).expect(200);
    order.is_paid_once(1);
}

#[test]
fn a_bank_that_declines_every_card_keeps_the_order_open() {
    let _settings = settings::unchanged();
    let order = ordered();
    let faults = Faults::of(&order.id, &json!({ "decline": true }));
    let payment = order.begin();
    let secret = payment["client_secret"].as_str().unwrap();
    for _ in 0..3 {
        assert_eq!(stripe::pay(secret, GOOD_CARD).status, 402);
    }
    let failed =
        eventually_by_queue("the failure", || Some(order.shown(&payment)).filter(|shown| shown["status"] == "failed"));
    assert_eq!(failed["failure"]["code"], "card_declined");
    assert_eq!(order.status(), "pending_payment");
    faults.replace(&json!({}));
    stripe::pay(secret, GOOD_CARD).expect(200);
    order.is_paid_once(1);
}
