use super::*;
use crate::domain::examples::{captured, created, pending};
use crate::handlers::fakes::{Trouble, World, clock};

const SUCCEEDED: &str = "payment_intent.succeeded";
const FAILED: &str = "payment_intent.payment_failed";
const CANCELED: &str = "payment_intent.canceled";
const REFUNDED: &str = "charge.refunded";

mod surplus;

async fn hear(world: &World, id: &str, kind: &str) -> Result<(), NotProcessed> {
    hear_in("test", world, id, kind).await
}

async fn hear_in(environment: &str, world: &World, id: &str, kind: &str) -> Result<(), NotProcessed> {
    let deps =
        Deps { store: world.clone(), provider: world.clone(), environment: environment.to_owned(), clock: clock() };
    handle(&deps, world.event(id, kind)).await
}

#[tokio::test]
async fn money_that_arrives_is_told_once_however_often_stripe_tells_it() {
    let world = World::with(pending());
    world.pay();
    for id in ["evt_1", "evt_1", "evt_2", "evt_1"] {
        hear(&world, id, SUCCEEDED).await.unwrap();
    }
    assert_eq!((world.payment().status, world.money_told()), (PaymentStatus::Captured, (4599, 0)));
}

#[tokio::test]
async fn success_counts_before_the_answer_to_creating_the_payment_is_stored() {
    let world = World::with(pending());
    world.payments.borrow_mut().values_mut().for_each(|row| row.body = created());
    hear(&world, "evt_1", SUCCEEDED).await.unwrap();
    assert_eq!(
        (world.payment().status, world.payment().provider_id.as_deref()),
        (PaymentStatus::Captured, Some("pi_1"))
    );
}

#[tokio::test]
async fn a_late_failure_changes_nothing_and_success_follows_a_failure() {
    let world = World::with(pending());
    hear(&world, "evt_1", FAILED).await.unwrap();
    assert_eq!(world.payment().status, PaymentStatus::Failed);
    hear(&world, "evt_2", SUCCEEDED).await.unwrap();
    hear(&world, "evt_3", FAILED).await.unwrap();
    hear(&world, "evt_4", CANCELED).await.unwrap();
    assert_eq!((world.payment().status, world.money_told()), (PaymentStatus::Captured, (4599, 0)));
}

#[tokio::test]
async fn what_is_not_ours_or_of_no_use_is_ignored() {
    let world = World::with(pending());
    hear_in("another", &world, "evt_1", SUCCEEDED).await.unwrap();
    hear(&world, "evt_2", "payment_intent.created").await.unwrap();
    assert_eq!((world.payment(), world.events.borrow().len()), (pending(), 0));
}

#[tokio::test]
async fn an_event_that_cannot_be_true_is_an_error_and_changes_nothing() {
    let world = World::with(pending());
    world.intents.borrow_mut().values_mut().for_each(|intent| intent.amount = 4598);
    let refused = hear(&world, "evt_1", SUCCEEDED).await;
    assert!(matches!(refused, Err(NotProcessed::Contradiction(Contradiction::Amount { .. }))));
    assert_eq!((world.payment(), world.told.borrow().len()), (pending(), 0));
}

#[tokio::test]
async fn a_refund_made_by_hand_is_found_by_its_intent_and_told() {
    let world = World::with(captured());
    world.intents.borrow_mut().values_mut().for_each(|intent| intent.refunded = 1000);
    hear(&world, "evt_1", REFUNDED).await.unwrap();
    hear(&world, "evt_2", REFUNDED).await.unwrap();
    assert_eq!((world.payment().status, world.money_told()), (PaymentStatus::PartiallyRefunded, (0, 1000)));
}

#[tokio::test]
async fn money_for_a_closed_order_goes_back() {
    let world = World::with(pending());
    world.close_order();
    world.pay();
    hear(&world, "evt_1", SUCCEEDED).await.unwrap();
    hear(&world, "evt_2", REFUNDED).await.unwrap();
    assert_eq!((world.payment().status, world.money_told()), (PaymentStatus::Refunded, (4599, 4599)));
    assert_eq!(world.intent().refunded, 4599);
}

#[tokio::test]
async fn after_a_crash_anywhere_a_second_delivery_pays_back_exactly_once() {
    let mut points = 0;
    for point in 1.. {
        let world = World::with(pending());
        world.close_order();
        world.pay();
        world.die_at(point);
        let _ = hear(&world, "evt_1", SUCCEEDED).await;
        if !world.revive() {
            break;
        }
        points += 1;
        hear(&world, "evt_1", SUCCEEDED).await.unwrap();
        assert_eq!((world.payment().status, world.intent().refunded), (PaymentStatus::Refunded, 4599), "point {point}");
        assert_eq!((world.money_told(), world.refunded.borrow().len()), ((4599, 4599), 1), "point {point}");
    }
    assert!(points >= 10, "{points} points");
}

#[tokio::test]
async fn a_refund_that_stripe_finishes_later_is_told_when_it_is_through() {
    let world = World::with(pending());
    world.close_order();
    world.pay();
    world.trouble.set(Some(Trouble::RefundPending));
    hear(&world, "evt_1", SUCCEEDED).await.unwrap();
    assert_eq!((world.payment().status, world.money_told()), (PaymentStatus::Captured, (4599, 0)));
    hear(&world, "evt_2", REFUNDED).await.unwrap();
    let refund = world.refunds.borrow().values().next().unwrap().body.status;
    assert_eq!((world.money_told(), refund), ((4599, 4599), RefundStatus::Succeeded));
}

#[tokio::test]
async fn a_refund_that_stripe_cannot_make_calls_for_people() {
    let world = World::with(pending());
    world.close_order();
    world.pay();
    world.trouble.set(Some(Trouble::RefundFailed));
    for _ in 0..2 {
        let failed = hear(&world, "evt_1", SUCCEEDED).await;
        assert!(matches!(failed, Err(NotProcessed::NotClosed(NotClosed::RefundFailed(_)))));
    }
    assert_eq!(world.money_told(), (4599, 0));
}

#[tokio::test]
async fn what_becomes_of_a_refund_is_heard_from_stripe_and_a_failure_is_final() {
    for (trouble, told, expected, back) in [
        (Trouble::RefundPending, "refund.updated", RefundStatus::Succeeded, 4599),
        (Trouble::RefundPending, "refund.failed", RefundStatus::Failed, 0),
    ] {
        let world = World::with(pending());
        world.close_order();
        world.pay();
        world.trouble.set(Some(trouble));
        hear(&world, "evt_1", SUCCEEDED).await.unwrap();
        for event in ["evt_2", "evt_2", "evt_3"] {
            hear(&world, event, told).await.unwrap();
        }
        let refund = world.refunds.borrow().values().next().unwrap().body.status;
        assert_eq!((refund, world.money_told()), (expected, (4599, back)), "{told}");
    }
}

#[tokio::test]
async fn a_refund_that_fails_after_it_went_through_opens_a_settled_order_again() {
    let world = World::with(pending());
    world.close_order();
    world.pay();
    hear(&world, "evt_1", SUCCEEDED).await.unwrap();
    let settled = world.attempts().settled(crate::domain::examples::at(20));
    world.attempts.borrow_mut().as_mut().unwrap().body = settled;
    hear(&world, "evt_2", "refund.failed").await.unwrap();
    assert_eq!(world.refunds.borrow().values().next().unwrap().body.status, RefundStatus::Failed);
    assert!(world.attempts().unsettled_since.is_some());
}

#[tokio::test]
async fn a_refund_that_stripe_failed_at_is_asked_for_under_another_key() {
    let world = World::with(pending());
    world.close_order();
    world.pay();
    world.trouble.set(Some(Trouble::Failing));
    assert!(hear(&world, "evt_1", SUCCEEDED).await.is_err());
    hear(&world, "evt_1", SUCCEEDED).await.unwrap();
    assert_eq!((world.money_told(), world.money_at_stripe()), ((4599, 4599), 0));
}
