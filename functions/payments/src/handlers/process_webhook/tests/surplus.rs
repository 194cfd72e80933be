//! Money that comes by an intent that no payment knows, and money that comes twice.

use super::*;
use crate::domain::examples::{at, eur};
use crate::handlers::fakes::FakeIntent;

async fn hear_of(world: &World, intent: &str, id: &str, kind: &str) -> Result<(), NotProcessed> {
    let deps = Deps { store: world.clone(), provider: world.clone(), environment: "test".to_owned(), clock: clock() };
    handle(&deps, world.event_of(intent, id, kind)).await
}

fn stray(world: &World) -> Payment {
    world.payments.borrow()[&stray_id("pi_x")].body.clone()
}

/// The order's payment and a second intent with the same metadata, both paid.
fn paid_twice() -> World {
    let world = World::with(pending());
    world.second_intent();
    world.pay();
    world
}

#[tokio::test]
async fn the_first_of_two_captures_pays_and_the_second_goes_back_quietly() {
    for (first, second) in [("pi_1", "pi_x"), ("pi_x", "pi_1")] {
        let world = paid_twice();
        hear_of(&world, first, "evt_1", SUCCEEDED).await.unwrap();
        assert_eq!(world.money_told(), (4599, 0));
        for _ in 0..2 {
            hear_of(&world, second, "evt_2", SUCCEEDED).await.unwrap();
            hear_of(&world, second, "evt_3", SUCCEEDED).await.unwrap();
            hear_of(&world, second, "evt_4", REFUNDED).await.unwrap();
        }
        assert_eq!((world.money_told(), world.money_at_stripe()), ((4599, 0), 4599), "{first} first");
        let refunds: Vec<_> = world.refunds.borrow().values().map(|row| row.body.reason).collect();
        assert_eq!(refunds, [RefundReason::Duplicate]);
        let surplus = world.payments.borrow().values().filter(|row| row.body.surplus).count();
        assert_eq!((world.payments.borrow().len(), surplus), (2, 1));
    }
}

#[tokio::test]
async fn when_a_stray_has_paid_nobody_can_pay_the_live_payment_too() {
    let world = World::with(pending());
    world.second_intent();
    world.intents.borrow_mut().get_mut("pi_x").unwrap().status = "succeeded";
    hear_of(&world, "pi_x", "evt_1", SUCCEEDED).await.unwrap();
    assert_eq!((world.money_told(), world.attempts().paid_by), ((4599, 0), Some(stray_id("pi_x"))));
    assert_eq!(world.intents.borrow()["pi_1"].status, "canceled");
}

#[tokio::test]
async fn money_whose_payment_nobody_knows_is_written_down_and_pays() {
    let world = World::with(pending());
    world.payments.borrow_mut().clear();
    *world.attempts.borrow_mut() = None;
    world.pay();
    for _ in 0..2 {
        hear_of(&world, "pi_1", "evt_1", SUCCEEDED).await.unwrap();
    }
    let payment = world.payment();
    assert_eq!((payment.id, payment.status, payment.surplus), (stray_id("pi_1"), PaymentStatus::Captured, false));
    assert_eq!(world.money_told(), (4599, 0));
}

#[tokio::test]
async fn a_strays_refund_by_hand_finds_the_stray_even_when_it_is_heard_of_first() {
    let world = paid_twice();
    hear_of(&world, "pi_1", "evt_1", SUCCEEDED).await.unwrap();
    world.intents.borrow_mut().get_mut("pi_x").unwrap().refunded = 4599;
    hear_of(&world, "pi_x", "evt_2", REFUNDED).await.unwrap();
    hear_of(&world, "pi_x", "evt_3", SUCCEEDED).await.unwrap();
    assert_eq!((stray(&world).status, stray(&world).refunded), (PaymentStatus::Refunded, eur(4599)));
    assert_eq!((world.money_told(), world.refunded.borrow().len()), ((4599, 0), 0));
}

#[tokio::test]
async fn a_stray_of_another_amount_or_for_a_closed_order_goes_back() {
    for closed in [false, true] {
        let world = World::with(pending());
        let other = FakeIntent { id: "pi_x".into(), key: "by hand".into(), amount: 5000, ..world.intent() };
        world.intents.borrow_mut().insert("pi_x".into(), FakeIntent { status: "succeeded", ..other });
        if closed {
            world.close_order();
        }
        hear_of(&world, "pi_x", "evt_1", SUCCEEDED).await.unwrap();
        assert_eq!((stray(&world).status, world.money_told()), (PaymentStatus::Refunded, (0, 0)), "closed: {closed}");
        assert_eq!((world.money_at_stripe(), world.attempts().paid_by), (0, None));
    }
}

#[tokio::test]
async fn money_of_another_amount_is_not_taken_for_a_payment_that_is_not_open_yet() {
    let world = World::with(pending());
    world.payments.borrow_mut().values_mut().for_each(|row| row.body = created());
    let other = FakeIntent { id: "pi_x".into(), key: "by hand".into(), amount: 4598, ..world.intent() };
    world.intents.borrow_mut().insert("pi_x".into(), FakeIntent { status: "succeeded", ..other });
    hear_of(&world, "pi_x", "evt_1", SUCCEEDED).await.unwrap();
    assert_eq!((stray(&world).status, world.money_told()), (PaymentStatus::Refunded, (0, 0)));
    let live = world.payments.borrow()[&created().id].body.clone();
    assert_eq!((live.status, live.provider_id), (PaymentStatus::Created, None));
}

#[tokio::test]
async fn an_unknown_intent_without_money_leaves_no_trace() {
    let world = World::with(pending());
    world.second_intent();
    hear_of(&world, "pi_x", "evt_1", FAILED).await.unwrap();
    hear_of(&world, "pi_x", "evt_2", CANCELED).await.unwrap();
    assert_eq!((world.payment(), world.events.borrow().len()), (pending(), 0));
}

#[tokio::test]
async fn money_that_names_no_order_is_an_error() {
    let world = World::with(pending());
    world.intents.borrow_mut().get_mut("pi_1").unwrap().metadata = serde_json::json!({ "environment": "test" });
    assert!(matches!(hear_of(&world, "pi_1", "evt_1", SUCCEEDED).await, Err(NotProcessed::NoOrder(_))));
    hear_of(&world, "pi_1", "evt_2", FAILED).await.unwrap();
}

#[tokio::test]
async fn after_a_crash_anywhere_a_second_delivery_pays_the_surplus_back_exactly_once() {
    for (first, second, least) in [("pi_1", "pi_x", 15), ("pi_x", "pi_1", 4)] {
        let mut points = 0;
        for point in 1.. {
            let world = paid_twice();
            hear_of(&world, first, "evt_1", SUCCEEDED).await.unwrap();
            world.die_at(point);
            let _ = hear_of(&world, second, "evt_2", SUCCEEDED).await;
            if !world.revive() {
                break;
            }
            points += 1;
            hear_of(&world, second, "evt_2", SUCCEEDED).await.unwrap();
            assert_eq!((world.money_told(), world.money_at_stripe()), ((4599, 0), 4599), "{second}, point {point}");
            assert_eq!(world.refunded.borrow().len(), 1, "{second}, point {point}");
        }
        assert!(points >= least, "{points} points of {second}");
    }
}

#[tokio::test]
async fn after_a_crash_anywhere_while_a_stray_pays_a_second_delivery_closes_the_live_payment() {
    let mut points = 0;
    for point in 1.. {
        let world = paid_twice();
        world.die_at(point);
        let _ = hear_of(&world, "pi_x", "evt_1", SUCCEEDED).await;
        if !world.revive() {
            break;
        }
        points += 1;
        hear_of(&world, "pi_x", "evt_1", SUCCEEDED).await.unwrap();
        assert_eq!((world.money_told(), world.money_at_stripe()), ((4599, 0), 4599), "point {point}");
        assert_eq!(world.attempts().paid_by, Some(stray_id("pi_x")), "point {point}");
    }
    assert!(points >= 15, "{points} points");
}

#[tokio::test]
async fn an_order_that_closes_while_its_stray_is_booked_gives_the_money_back() {
    let world = World::with(pending());
    world.second_intent();
    world.intents.borrow_mut().get_mut("pi_x").unwrap().status = "succeeded";
    hear_of(&world, "pi_x", "evt_1", SUCCEEDED).await.unwrap();
    world.close_order();
    hear_of(&world, "pi_x", "evt_1", SUCCEEDED).await.unwrap();
    assert_eq!((world.money_told(), world.money_at_stripe()), ((4599, 4599), 0));
    assert_eq!(stray(&world).created_at, at(10));
}
