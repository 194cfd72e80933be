//! What Stripe tells, forged, doubled, late, lost and in the wrong order: one confirmed order, one mail, and no money too much.

use api::Code;
use e2e::operator::{Table, invoke};
use e2e::ordered::{Ordered, ordered};
use e2e::shop::{eventually_by_queue, post, setting};
use e2e::stripe::{self, CREATE, DECLINED_CARD, Faults, GOOD_CARD, tell_and_await};
use e2e::{logs, settings, unique};
use serde_json::{Value, json};

const SUCCEEDED: &str = "payment_intent.succeeded";
const FAILED: &str = "payment_intent.payment_failed";
const REFUND: &str = "POST /v1/refunds";

fn pay(payment: &Value, card: &str) -> u16 {
    stripe::pay(payment["client_secret"].as_str().unwrap(), card).status
}

fn was_stored(event: &Value) -> bool {
    let id = event["id"].as_str().unwrap();
    Table::of("payments").get(&format!("STRIPE_EVENT#{id}"), "STRIPE_EVENT").is_some()
}

/// An order that was paid, which only Stripe knows; and the event that says so.
fn paid_in_silence() -> (Ordered, Faults, Value) {
    let order = ordered();
    let silence = Faults::silent(&order.id);
    let payment = order.begin();
    assert_eq!(pay(&payment, GOOD_CARD), 200);
    let event = stripe::known(&order.id).event(SUCCEEDED);
    (order, silence, event)
}

#[test]
fn a_webhook_is_taken_only_with_a_fresh_signature_over_its_very_bytes() {
    let _settings = settings::unchanged();
    let (order, _silence, event) = paid_in_silence();
    let (body, secret) = (event.to_string(), setting("SOUK_STRIPE_WEBHOOK_SECRET"));
    let changed = body.replacen("succeeded", "succeedeD", 1);
    let genuine = stripe::signature(&body, 0, &secret);
    let refused = [
        (&body, stripe::signature(&body, 0, "whsec_wrong")),
        (&body, stripe::signature(&body, 0, "")),
        (&body, stripe::signature(&body, 301, &secret)),
        (&body, stripe::signature(&body, -360, &secret)),
        (&body, genuine.replace("t=", "t=1")),
        (&body, genuine.replace("v1=", "v0=")),
        (&body, String::new()),
        (&changed, genuine),
    ];
    let forged: Vec<String> = refused.iter().map(|_| unique()).collect();
    for ((body, signature), correlation_id) in refused.iter().zip(&forged) {
        stripe::webhook(body, signature, correlation_id).refused(Code::SignatureInvalid);
    }
    post("/hooks/stripe").text(body.as_str()).send().refused(Code::SignatureInvalid);
    assert!(!was_stored(&event));

    tell_and_await(&event);
    assert!(was_stored(&event));
    for correlation_id in &forged {
        let functions: Vec<_> = logs::of(correlation_id).iter().map(|line| line["span"]["function"].clone()).collect();
        assert!(
            !functions.is_empty() && functions.iter().all(|name| name.to_string().contains("receive")),
            "{functions:?}"
        );
    }
    order.is_paid_once(1);
}

#[test]
fn one_event_five_times_at_once_is_one_capture() {
    let _settings = settings::unchanged();
    let (order, _silence, event) = paid_in_silence();
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| tell_and_await(&event));
        }
    });
    let lines = logs::of(event["id"].as_str().unwrap());
    assert!(lines.iter().filter(|line| line["message"] == "learned").count() <= 1, "{lines:?}");
    order.is_paid_once(1);
}

#[test]
fn events_that_come_doubled_and_in_the_wrong_order_are_one_capture() {
    let _settings = settings::unchanged();
    let order = ordered();
    let _faults = Faults::of(&order.id, &json!({ "reverse": true, "copies": 2, "only": [FAILED, SUCCEEDED] }));
    let payment = order.begin();
    assert_eq!((pay(&payment, DECLINED_CARD), pay(&payment, GOOD_CARD)), (402, 200));
    order.is_paid_once(1);
    assert_eq!(order.shown(&payment)["status"], "captured");
}

#[test]
fn a_failure_that_is_told_after_the_success_changes_nothing() {
    let _settings = settings::unchanged();
    let order = ordered();
    let _silence = Faults::silent(&order.id);
    let payment = order.begin();
    assert_eq!((pay(&payment, DECLINED_CARD), pay(&payment, GOOD_CARD)), (402, 200));
    let known = stripe::known(&order.id);
    for kind in [SUCCEEDED, FAILED, "payment_intent.created"] {
        tell_and_await(&known.event(kind));
        let shown = order.shown(&payment);
        assert_eq!((&shown["status"], shown.get("failure")), (&json!("captured"), None), "after {kind}");
    }
    order.is_paid_once(1);
}

#[test]
fn success_is_told_before_the_call_that_opened_the_intent_is_answered() {
    let _settings = settings::unchanged();
    let order = ordered();
    let faults = Faults::of(&order.id, &json!({ "confirm": true, "calls": [{ "route": CREATE, "fault": "hold" }] }));
    let key = unique();
    let opened = std::thread::scope(|scope| {
        let opening = scope.spawn(|| order.buyer.create_payment(&order.id, &key));
        order.becomes("confirmed");
        faults.replace(&json!({}));
        opening.join().unwrap()
    });
    // On a slow machine the shop has stopped waiting for Stripe by then; whoever is answered with 503 asks again.
    assert!([201, 503].contains(&opened.status), "{}", opened.text);
    assert_eq!(order.shown(&order.begin_under(&key))["status"], "captured");
    assert_eq!(stripe::known(&order.id).intents().len(), 1);
    order.is_paid_once(1);
}

/// Reconciles until `done`. Other tests do the same, and any of them may be the one that mends an order.
#[track_caller]
fn reconcile_until(what: &str, mut done: impl FnMut(&Value) -> bool) {
    eventually_by_queue(what, || {
        let report = invoke("payments-reconcile", &json!({ "older_than_seconds": 0 })).expect_answer();
        done(&report).then_some(())
    });
}

#[test]
fn what_stripe_could_not_tell_is_asked_for() {
    let _settings = settings::unchanged();
    let order = ordered();
    let _faults = Faults::of(&order.id, &json!({ "drop": 99 }));
    assert_eq!(pay(&order.begin(), GOOD_CARD), 200);
    reconcile_until("the order to be mended", |_| order.status() == "confirmed");
    let mended = |line: &Value| line["message"] == "mended" && line["what"] == "captured";
    assert!(logs::of(&order.id).iter().any(mended));
    order.is_paid_once(1);
    tell_and_await(&stripe::known(&order.id).event(SUCCEEDED));
    order.is_paid_once(1);
    reconcile_until("the order to be settled", |report| !report.to_string().contains(&order.id));
}

#[test]
fn a_refund_that_stripe_failed_to_make_is_asked_for_again() {
    let _settings = settings::unchanged();
    let (order, faults, _) = paid_in_silence();
    faults.replace(&json!({ "hold": true, "calls": [{ "route": REFUND, "times": 2 }] }));
    order.cancel().expect(200);
    eventually_by_queue("the shop to ask for the refund in vain", || {
        (stripe::known(&order.id).calls(REFUND) > 0).then_some(())
    });
    reconcile_until("the refund", |_| !stripe::known(&order.id).refunds().is_empty());
    order.is_cancelled_and_paid_back(1);
}

#[test]
fn events_that_are_not_this_shops_business_are_taken_and_forgotten() {
    let _settings = settings::unchanged();
    let order = ordered();
    let _silence = Faults::silent(&order.id);
    let payment = order.begin();
    let mut intent = stripe::known(&order.id).intents()[0].clone();
    intent["metadata"]["environment"] = json!("elsewhere");
    let elsewhere = stripe::twin(&intent);
    stripe::pay_intent(&elsewhere);
    let known = stripe::known(&order.id);
    let unknown = json!({ "id": format!("evt_{}", unique()), "type": "tomorrow.invented", "data": { "object": {} } });
    for event in [unknown, known.event(SUCCEEDED), known.event("payment_intent.created")] {
        tell_and_await(&event);
        assert!(!was_stored(&event), "{event}");
    }
    assert_eq!((order.status(), order.shown(&payment)["status"].clone()), (json!("pending_payment"), json!("pending")));
    assert_eq!(order.payments().len(), 1);

    assert_eq!(pay(&payment, GOOD_CARD), 200);
    tell_and_await(&stripe::known(&order.id).event(SUCCEEDED));
    order.is_paid_once(1);
}
