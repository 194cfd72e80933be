//! Money that comes when nobody waits for it any more, or twice: it goes back, all of it, and the order stays as it was.

use e2e::ordered::{Ordered, ordered};
use e2e::shop::{eventually_by_queue, setting};
use e2e::stripe::{self, Faults, tell_and_await};
use e2e::{settings, unique};
use serde_json::{Value, json};

const SUCCEEDED: &str = "payment_intent.succeeded";
const CANCEL: &str = "POST /v1/payment_intents/{id}/cancel";

/// The event that says that `intent` was paid.
fn success_of(order: &Ordered, intent: &Value) -> Value {
    let known = stripe::known(&order.id);
    let of_intent = |event: &&Value| event["type"] == SUCCEEDED && event["data"]["object"]["id"] == intent["id"];
    known.events().iter().find(of_intent).unwrap().clone()
}

fn only_intent(order: &Ordered) -> Value {
    let known = stripe::known(&order.id);
    assert_eq!(known.intents().len(), 1);
    known.intents()[0].clone()
}

/// The shopper pays an intent that the shop could not close.
#[track_caller]
fn pays_and_is_paid_back(order: &Ordered, payment: &Value) {
    let intent = only_intent(order);
    stripe::pay_intent(&intent);
    tell_and_await(&success_of(order, &intent));
    order.is_cancelled_and_paid_back(1);
    assert_eq!(order.shown(payment)["status"], "refunded");
}

#[test]
fn success_of_an_order_that_was_cancelled_is_paid_back() {
    let _settings = settings::unchanged();
    let order = ordered();
    let _silence = Faults::silent(&order.id);
    let payment = order.begin();
    let intent = only_intent(&order);
    stripe::pay_intent(&intent);
    order.cancel().expect(200);
    order.is_cancelled_and_paid_back(1);
    tell_and_await(&success_of(&order, &intent));
    order.is_cancelled_and_paid_back(1);
    assert_eq!(order.shown(&payment)["status"], "refunded");
}

#[test]
fn a_shopper_who_can_still_pay_after_cancelling_is_paid_back() {
    let _settings = settings::unchanged();
    let order = ordered();
    let _faults = Faults::of(&order.id, &json!({ "hold": true, "calls": [{ "route": CANCEL, "times": 99 }] }));
    let payment = order.begin();
    order.cancel().expect(200);
    eventually_by_queue("the shop to try to close the intent", || {
        (stripe::known(&order.id).calls(CANCEL) > 0).then_some(())
    });
    pays_and_is_paid_back(&order, &payment);
}

#[test]
fn success_of_an_order_that_expired_is_paid_back() {
    let _settings = settings::unchanged();
    let order = ordered();
    let _faults = Faults::of(&order.id, &json!({ "hold": true, "calls": [{ "route": CANCEL, "times": 99 }] }));
    let payment = order.begin();
    order.expire();
    pays_and_is_paid_back(&order, &payment);
}

#[test]
fn a_bank_may_take_its_time_to_give_money_back() {
    let _settings = settings::unchanged();
    let order = ordered();
    let faults = Faults::of(&order.id, &json!({ "hold": true, "slow_refunds": true }));
    let payment = order.begin();
    stripe::pay_intent(&only_intent(&order));
    order.cancel().expect(200);
    let refund = eventually_by_queue("the refund", || stripe::known(&order.id).refunds().first().cloned());
    assert_eq!(refund["status"], "pending");
    faults.replace(&json!({}));
    stripe::end_refund(&refund);
    order.is_cancelled_and_paid_back(1);
    assert_eq!(order.shown(&payment)["status"], "refunded");
}

#[test]
fn of_two_intents_that_both_succeed_at_once_one_pays_and_one_is_paid_back() {
    let _settings = settings::unchanged();
    let order = ordered();
    let _silence = Faults::silent(&order.id);
    order.begin();
    let first = only_intent(&order);
    let second = stripe::twin(&first);
    std::thread::scope(|scope| {
        for intent in [&first, &second] {
            stripe::pay_intent(intent);
        }
        for intent in [&first, &second] {
            let event = success_of(&order, intent);
            scope.spawn(move || tell_and_await(&event));
        }
    });
    order.is_paid_once(2);
    assert_eq!(order.payments().len(), 2);
}

#[test]
fn the_intent_that_succeeds_first_pays_even_if_the_shop_did_not_open_it() {
    let _settings = settings::unchanged();
    let order = ordered();
    let _silence = Faults::silent(&order.id);
    let payment = order.begin();
    let own = only_intent(&order);
    let stray = stripe::twin(&own);
    stripe::pay_intent(&stray);
    tell_and_await(&success_of(&order, &stray));
    order.is_paid_once(1);
    // The shopper's own intent may still be open in another window.
    let paid = stripe::pay(own["client_secret"].as_str().unwrap(), stripe::GOOD_CARD);
    if paid.status == 200 {
        tell_and_await(&success_of(&order, &own));
        order.is_paid_once(2);
        assert_eq!(order.shown(&payment)["status"], "refunded");
    }
}

#[test]
fn money_whose_payment_nobody_wrote_down_gets_a_row_of_its_own() {
    let _settings = settings::unchanged();
    let order = ordered();
    let _silence = Faults::silent(&order.id);
    let nobodys = stray_intent(&order);
    stripe::pay_intent(&nobodys);
    let event = success_of(&order, &nobodys);
    tell_and_await(&event);
    tell_and_await(&event);
    order.is_paid_once(1);
    assert_eq!(order.payments().len(), 1);
}

#[test]
fn money_whose_payment_nobody_wrote_down_goes_back_when_the_order_is_closed() {
    let _settings = settings::unchanged();
    let order = ordered();
    let _silence = Faults::silent(&order.id);
    let nobodys = stray_intent(&order);
    order.cancel().expect(200);
    stripe::pay_intent(&nobodys);
    tell_and_await(&success_of(&order, &nobodys));
    order.is_cancelled_and_paid_back(1);
}

/// An intent over the order's total, for a payment that no table has.
fn stray_intent(order: &Ordered) -> Value {
    let metadata = json!({
        "payment_id": format!("pay_{}", unique().to_uppercase()), "order_id": order.id,
        "environment": setting("SOUK_ENVIRONMENT"),
    });
    stripe::twin(&json!({ "amount": order.total, "currency": "eur", "metadata": metadata }))
}
