use serde_json::{Value, json};

use super::*;
use crate::domain::examples::{at, captured, created, pending};
use crate::domain::{Payment, PaymentStatus, RefundStatus, stray_id};
use crate::handlers::fakes::{Trouble, World, clock, set_second};

async fn reconcile(world: &World, asked: Value) -> Value {
    let deps = Deps { store: world.clone(), provider: world.clone(), clock: clock(), patience_seconds: 40 };
    let report = handle(&deps, serde_json::from_value(asked).unwrap()).await.unwrap();
    serde_json::to_value(report).unwrap()
}

async fn now(world: &World) -> Value {
    set_second(20);
    reconcile(world, json!({ "older_than_seconds": 0 })).await
}

fn mended(report: &Value) -> Vec<&str> {
    report["mended"].as_array().unwrap().iter().map(|mended| mended["what"].as_str().unwrap()).collect()
}

fn is_settled(world: &World) -> bool {
    let attempts = world.attempts.borrow().clone().unwrap();
    attempts.index.is_none() && attempts.body.unsettled_since.is_none()
}

#[tokio::test]
async fn an_order_that_agrees_with_its_money_is_never_looked_at_again() {
    let paid = World::with(captured());
    paid.confirm_order();
    let closed = World::with(created().given_up(at(5)));
    closed.close_order();
    for world in [paid, closed] {
        let nothing = json!({ "checked": 1, "mended": [], "open": 0, "stuck": [], "finished": true });
        assert_eq!(now(&world).await, nothing);
        assert!(is_settled(&world));
        assert_eq!(now(&world).await["checked"], 0);
        assert_eq!(world.asked.get(), 0);
    }
}

#[tokio::test]
async fn a_schedules_event_leaves_the_young_alone() {
    let world = World::with(pending());
    set_second(299);
    assert_eq!(reconcile(&world, json!({ "source": "aws.events", "detail": {} })).await["checked"], 0);
    set_second(302);
    let report = reconcile(&world, json!({ "source": "aws.events", "detail": {} })).await;
    assert_eq!((&report["checked"], &report["open"]), (&json!(1), &json!(1)));
    set_second(500);
    assert_eq!(reconcile(&world, json!({})).await["checked"], 0, "it was looked at a while ago");
    set_second(603);
    assert_eq!(reconcile(&world, json!({})).await["checked"], 1);
}

#[tokio::test]
async fn a_lost_webhook_is_learned_from_the_intent() {
    for (status, what, expected, told) in [
        ("succeeded", "captured", PaymentStatus::Captured, (4599, 0)),
        ("canceled", "cancelled", PaymentStatus::Cancelled, (0, 0)),
    ] {
        let world = World::with(pending());
        world.intents.borrow_mut().get_mut("pi_1").unwrap().status = status;
        let report = now(&world).await;
        assert_eq!((mended(&report), &report["open"]), (vec![what], &json!(1)));
        assert_eq!((world.payment().status, world.money_told()), (expected, told));
    }
}

#[tokio::test]
async fn an_order_that_did_not_hear_of_its_money_is_told_again() {
    let world = World::with(captured());
    let report = now(&world).await;
    assert_eq!(
        report["mended"],
        json!([{ "order_id": world.payment().order_id, "payment_id": world.payment().id, "what": "told_again" }])
    );
    assert_eq!((world.money_told(), is_settled(&world)), ((4599, 0), false));
    world.confirm_order();
    set_second(30);
    assert_eq!(reconcile(&world, json!({ "older_than_seconds": 0 })).await["mended"], json!([]));
    assert!(is_settled(&world));
}

#[tokio::test]
async fn what_is_open_of_a_closed_or_paid_order_is_closed() {
    let cancelled = World::with(pending());
    cancelled.close_order();
    let late = World::with(pending());
    late.close_order();
    late.pay();
    let given_up = World::with(created());
    given_up.close_order();
    let table = [
        (cancelled, PaymentStatus::Cancelled, (0, 0)),
        (late, PaymentStatus::Refunded, (4599, 4599)),
        (given_up, PaymentStatus::Cancelled, (0, 0)),
    ];
    for (world, status, told) in table {
        assert_eq!(mended(&now(&world).await), ["closed"], "{status:?}");
        assert_eq!((world.payment().status, world.money_told(), is_settled(&world)), (status, told, true));
    }
}

#[tokio::test]
async fn a_surplus_that_was_not_given_back_is() {
    let world = World::with(Payment { surplus: true, ..captured() });
    let by_other = world
        .attempts
        .borrow()
        .as_ref()
        .map(|row| crate::domain::Attempts { paid_by: Some(stray_id("pi_x")), ..row.body.clone() });
    world.attempts.borrow_mut().as_mut().unwrap().body = by_other.unwrap();
    world.confirm_order();
    assert_eq!(mended(&now(&world).await), ["closed"]);
    assert_eq!(
        (world.payment().status, world.money_told(), world.money_at_stripe()),
        (PaymentStatus::Refunded, (0, 0), 0)
    );
    assert!(is_settled(&world));
}

#[tokio::test]
async fn a_refund_is_followed_to_its_end_and_its_failure_calls_for_people() {
    for (end, what, stuck) in [(None, vec!["refund_succeeded"], 0), (Some(Trouble::RefundFailed), vec![], 1)] {
        let world = World::with(captured());
        world.close_order();
        world.trouble.set(Some(Trouble::RefundPending));
        assert_eq!(mended(&now(&world).await), ["closed"]);
        assert_eq!((world.payment().status, is_settled(&world)), (PaymentStatus::Captured, false));
        set_second(30);
        world.trouble.set(end);
        let report = reconcile(&world, json!({ "older_than_seconds": 0 })).await;
        assert_eq!((mended(&report), report["stuck"].as_array().unwrap().len()), (what, stuck), "{report}");
        let expected = if stuck == 0 { RefundStatus::Succeeded } else { RefundStatus::Failed };
        let refund = world.refunds.borrow().values().next().unwrap().body.status;
        assert_eq!((refund, is_settled(&world)), (expected, stuck == 0));
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_reported_and_asked_again() {
    let world = World::with(captured());
    world.close_order();
    world.trouble.set(Some(Trouble::Failing));
    let report = now(&world).await;
    assert_eq!(report["stuck"][0]["why"], "Stripe failed with status 500");
    set_second(30);
    assert_eq!(mended(&reconcile(&world, json!({ "older_than_seconds": 0 })).await), ["closed"]);
    assert_eq!((world.money_told().1, is_settled(&world)), (4599, true));
}

#[tokio::test]
async fn an_order_that_is_not_there_keeps_no_money_unnoticed() {
    let world = World::with(captured());
    world.order.borrow_mut().id = kernel::OrderId::new(kernel::ulid_at(at(0), 9));
    let report = now(&world).await;
    assert_eq!(report["stuck"][0]["why"], "order_missing");
    assert!(!is_settled(&world));
}

#[tokio::test]
async fn a_walk_without_time_says_that_it_is_not_finished() {
    let world = World::with(pending());
    set_second(20);
    let deps = Deps { store: world.clone(), provider: world.clone(), clock: clock(), patience_seconds: 0 };
    let report = handle(&deps, Reconcile { older_than_seconds: Some(0) }).await.unwrap();
    assert_eq!((report.checked, report.finished), (0, false));
}

#[tokio::test]
async fn after_a_crash_anywhere_the_next_walk_finishes() {
    let mut points = 0;
    for point in 1.. {
        let world = World::with(pending());
        world.close_order();
        world.pay();
        world.die_at(point);
        set_second(20);
        let deps = Deps { store: world.clone(), provider: world.clone(), clock: clock(), patience_seconds: 40 };
        let _ = handle(&deps, Reconcile { older_than_seconds: Some(0) }).await;
        if !world.revive() {
            break;
        }
        points += 1;
        set_second(30);
        reconcile(&world, json!({ "older_than_seconds": 0 })).await;
        assert_eq!((world.money_told(), world.money_at_stripe()), ((4599, 4599), 0), "point {point}");
        assert!(is_settled(&world), "point {point}");
    }
    assert!(points >= 15, "{points} points");
}
