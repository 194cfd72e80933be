//! Guards that only the tables can keep, each tried alone: two things happen within one moment, because a fault holds transactions up
//! between what they have read and what they write.

use std::cell::RefCell;
use std::thread::scope;

use api::Code;
use e2e::buyer::Buyer;
use e2e::crowd::at_once;
use e2e::faults::Fault;
use e2e::goods::{bins, goods};
use e2e::operator::Table;
use e2e::ordered::{Ordered, ordered};
use e2e::shelves::{category_id, change};
use e2e::shop::{eventually, post};
use e2e::stripe::{self, Faults, tell_and_await};
use e2e::{settings, unique};
use serde_json::{Value, json};

const TRANSACTION: &str = "TransactWriteItems";
/// Less than a function waits for one answer.
const A_MOMENT_MS: u32 = 1500;
/// A moment may be missed on a busy machine; then it is tried with other goods.
const TRIES: u32 = 5;
const NOBODYS: &str = "ord_01JH8Z6V0W4T3N9Q2RSKX7M5CD";

/// Does `slow`, whose transactions with `text` in them are held up, and `quick` meanwhile.
fn meanwhile<T: Send, U>(text: &str, slow: impl FnOnce() -> T + Send, quick: impl FnOnce() -> U) -> (T, U) {
    // Whoever is not answered tries again, under the same client token.
    let held_up = Fault::on(TRANSACTION).containing(text).delay(A_MOMENT_MS);
    scope(|scope| {
        let slow = scope.spawn(slow);
        eventually("a transaction to be held up", || (held_up.max_in_flight() > 0).then_some(()));
        let quick = quick();
        drop(held_up);
        (slow.join().unwrap(), quick)
    })
}

/// Does `work` twice at once with an order of its own, the first transaction of each held up after it has read; what both came to.
#[track_caller]
fn both_at_once<T: Send>(
    prepare: impl Fn() -> Ordered,
    work: impl Fn(&Ordered, usize) -> T + Sync,
) -> (Ordered, Vec<T>) {
    for _ in 0..TRIES {
        let order = prepare();
        let held_up = Fault::on(TRANSACTION).containing(&order.id).times(2).delay(A_MOMENT_MS);
        let outcomes = at_once(2, |number| work(&order, number));
        if held_up.max_in_flight() > 1 {
            return (order, outcomes);
        }
    }
    panic!("the two never met");
}

fn guest_with(sku: &str) -> (Buyer, Value) {
    let buyer = Buyer::guest();
    buyer.add(sku, 1).expect(200);
    let total = buyer.quote().expect(200)["total"].clone();
    (buyer, total)
}

fn row_of(order: &Ordered) -> Value {
    Table::of("orders").get(&format!("ORDER#{}", order.id), "ORDER").unwrap()
}

#[test]
fn two_who_want_the_last_unit_within_one_moment_get_one() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 1);
    let buyers = [guest_with(&lamp.sku), guest_with(&lamp.sku)];
    let held_up = Fault::on(TRANSACTION).containing(&lamp.sku).times(2).delay(A_MOMENT_MS);
    let mut answers = at_once(2, |number| buyers[number].0.place(&buyers[number].1, &unique()));
    // On a busy machine a try is given up before its answer comes, and the next meets it.
    assert!(held_up.max_in_flight() > 1, "the two never met");
    answers.sort_by_key(|answer| answer.status);
    answers[0].expect(201);
    answers[1].refused(Code::OutOfStock);
    assert_eq!(bins(&lamp), [1, 0, 1, 0]);
}

#[test]
fn a_cart_that_changes_while_it_is_ordered_is_not_ordered() {
    let _settings = settings::unchanged();
    let (lamp, other) = (goods(1999, 5), goods(999, 5));
    let (buyer, total) = guest_with(&lamp.sku);
    let (placed, added) = meanwhile(&buyer.cart_id, || buyer.place(&total, &unique()), || buyer.add(&other.sku, 1));
    added.expect(200);
    placed.refused(Code::CartChanged);
    assert_eq!((buyer.cart().expect(200)["status"].clone(), bins(&lamp)), (json!("open"), [5, 5, 0, 0]));
}

#[test]
fn a_price_that_changes_while_its_goods_are_ordered_is_not_passed_over() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let (buyer, total) = guest_with(&lamp.sku);
    let raise =
        || Table::of("catalog").set(&format!("STOCK#{}#0", lamp.sku), "STOCK", &[("price.amount", json!(2999))]);
    let (placed, ()) = meanwhile(&buyer.cart_id, || buyer.place(&total, &unique()), raise);
    placed.refused(Code::TotalChanged);
    assert_eq!(bins(&lamp), [5, 5, 0, 0]);
}

#[test]
fn of_two_moves_that_together_make_a_circle_one_is_refused() {
    let _settings = settings::unchanged();
    for _ in 0..TRIES {
        let ids = [category_id(None), category_id(None)];
        let held_up = Fault::on(TRANSACTION).containing(&ids[0]).times(2).delay(A_MOMENT_MS);
        let mut answers = at_once(2, |number| change(&ids[number], &json!({ "parent_id": ids[1 - number] })));
        if held_up.max_in_flight() > 1 {
            answers.sort_by_key(|answer| answer.status);
            answers[0].expect(200);
            let refused = answers[1].refused(Code::ValidationFailed);
            assert_eq!(refused["errors"][0]["code"], "category_cycle");
            return;
        }
    }
    panic!("the two never met");
}

#[test]
fn an_order_that_is_cancelled_while_a_payment_begins_gets_none() {
    let _settings = settings::unchanged();
    let order = ordered();
    let begin = || order.buyer.create_payment(&order.id, &unique());
    // As an attribute, which the payment's rows have and the cancellation's have not.
    let (begun, cancelled) = meanwhile(&json!({ "S": order.id }).to_string(), begin, || order.cancel());
    cancelled.expect(200);
    begun.refused(Code::OrderNotPayable);
    assert_eq!((order.payments().len(), stripe::known(&order.id).intents().len()), (0, 0));
}

#[test]
fn two_cancellations_at_once_are_one_change() {
    let _settings = settings::unchanged();
    // Two of the function's instances are there by then.
    at_once(2, |_| post(&format!("/orders/{}/cancellations", NOBODYS)).key(&unique()).json(&json!({})).send());
    let (order, answers) = both_at_once(ordered, |order, _| order.cancel().expect(200));
    assert_eq!(answers[0], answers[1]);
    // Placing wrote the first version.
    assert_eq!(row_of(&order)["version"], 2);
    order.is_cancelled_and_paid_back(0);
}

#[test]
fn of_two_captures_within_one_moment_one_pays() {
    let _settings = settings::unchanged();
    let silences = RefCell::new(Vec::new());
    let twice_paid = || {
        let order = ordered();
        silences.borrow_mut().push(Faults::silent(&order.id));
        let _payment = order.begin();
        let own = stripe::known(&order.id).intents()[0].clone();
        for intent in [&own, &stripe::twin(&own)] {
            stripe::pay_intent(intent);
        }
        order
    };
    let (order, _) = both_at_once(twice_paid, |order, number| {
        let known = stripe::known(&order.id);
        let told: Vec<_> = known.events().iter().filter(|event| event["type"] == "payment_intent.succeeded").collect();
        tell_and_await(told[number]);
    });
    order.is_paid_once(2);
}

#[test]
fn a_commit_whose_answer_was_lost_is_acknowledged_and_not_refused_by_itself() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let (buyer, total) = guest_with(&lamp.sku);
    let lost = Fault::on(TRANSACTION).containing(&buyer.cart_id).times(1).lost_answer(100);
    let placed = buyer.place(&total, &unique());
    placed.expect(201);
    assert_eq!((lost.injected(), placed.header("idempotent-replayed")), (1, None));
    assert_eq!(bins(&lamp), [5, 4, 1, 0]);
}

#[test]
fn a_paid_order_holds_nothing_any_more_and_is_on_no_list() {
    let _settings = settings::unchanged();
    let order = ordered();
    let (orders, catalog) = (Table::of("orders"), Table::of("catalog"));
    let is_listed = || orders.get(&format!("ORDER#{}", order.id), "DUE").is_some();
    let holds = || catalog.get(&format!("HOLD#{}", order.id), "HOLD").is_some();
    assert!(is_listed() && holds());
    order.buyer.pay(&order.id);
    assert!(!is_listed());
    eventually("the hold to be settled", || (!holds()).then_some(()));
}

#[test]
fn an_event_is_remembered_with_its_effect() {
    let _settings = settings::unchanged();
    let order = ordered();
    order.buyer.pay(&order.id);
    order.is_paid_once(1);
    // The mail of the confirmation knows the event that catalog heard too.
    let mails = Table::of("notifications").scan("MAIL#");
    let event = mails.iter().find(|mail| mail["order_id"] == order.id.as_str()).unwrap()["event_id"].clone();
    let mark = Table::of("catalog").get(&format!("SEEN#{}", event.as_str().unwrap()), "catalog-on-order-confirmed");
    assert!(mark.is_some());
}
