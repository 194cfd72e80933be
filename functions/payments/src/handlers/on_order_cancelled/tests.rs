use events::{CancelReason, OrderSummary};
use kernel::EventId;
use telemetry::Trace;

use super::*;
use crate::domain::examples::{at, captured, created, eur, order, pending};
use crate::domain::{Fact, Payment, PaymentStatus};
use crate::handlers::fakes::{World, clock};

fn event() -> Envelope<OrderCancelled> {
    let order = order();
    let nothing = eur(0);
    let summary = OrderSummary {
        order_id: order.id,
        number: order.number.to_string(),
        user_id: None,
        email: order.email,
        locale: order.locale,
        lines: Vec::new(),
        subtotal: order.subtotal,
        discount: nothing,
        shipping: nothing,
        tax: nothing,
        prices_include_tax: true,
        total: order.total,
        shipping_address: order.shipping_address,
        placed_at: order.placed_at,
    };
    let data = OrderCancelled { order: summary, reason: CancelReason::Expired };
    Envelope::new(EventId::new(kernel::ulid_at(at(9), 1)), at(9), Trace::start("test"), 2, data)
}

async fn cancelled(world: &World) -> Result<(), NotClosed> {
    world.close_order();
    handle(&Deps { store: world.clone(), provider: world.clone(), clock: clock() }, event()).await
}

#[tokio::test]
async fn each_payment_is_cancelled_or_paid_back_and_a_second_delivery_changes_nothing() {
    let failed =
        pending().refused(crate::domain::Failure { code: "card_declined".into(), detail: String::new() }, at(3));
    let back = captured().learn("pi_1", &Fact::Refunded { charged: eur(4599), refunded: eur(4599) }, at(4));
    let table: [(Payment, PaymentStatus, (i64, i64)); 5] = [
        (created(), PaymentStatus::Cancelled, (0, 0)),
        (pending(), PaymentStatus::Cancelled, (0, 0)),
        (failed, PaymentStatus::Cancelled, (0, 0)),
        (captured(), PaymentStatus::Refunded, (0, 4599)),
        (back.unwrap().payment, PaymentStatus::Refunded, (0, 0)),
    ];
    for (payment, status, told) in table {
        let before = payment.status;
        let world = World::with(payment);
        for _ in 0..2 {
            cancelled(&world).await.unwrap();
            assert_eq!((world.payment().status, world.money_told()), (status, told), "{before:?}");
        }
    }
}

#[tokio::test]
async fn money_taken_in_the_last_moment_goes_back_although_no_webhook_has_told_of_it() {
    let world = World::with(pending());
    world.pay();
    cancelled(&world).await.unwrap();
    assert_eq!((world.payment().status, world.money_told()), (PaymentStatus::Refunded, (4599, 4599)));
}

#[tokio::test]
async fn an_intent_that_stripe_works_on_is_looked_at_again_later() {
    let world = World::with(pending());
    world.intents.borrow_mut().values_mut().for_each(|intent| intent.status = "processing");
    assert!(matches!(cancelled(&world).await, Err(NotClosed::InBetween(_))));
    world.pay();
    cancelled(&world).await.unwrap();
    assert_eq!(world.payment().status, PaymentStatus::Refunded);
}

#[tokio::test]
async fn what_was_given_back_by_hand_is_not_given_back_again() {
    let world = World::with(captured());
    world.intents.borrow_mut().values_mut().for_each(|intent| intent.refunded = 4599);
    cancelled(&world).await.unwrap();
    assert_eq!((world.payment().status, world.money_told()), (PaymentStatus::Refunded, (0, 4599)));
    assert!(world.refunded.borrow().is_empty());
}

#[tokio::test]
async fn after_a_crash_anywhere_a_second_delivery_brings_every_payment_to_its_end() {
    for paid in [false, true] {
        let mut points = 0;
        for point in 1.. {
            let world = World::with(pending());
            if paid {
                world.pay();
            }
            world.die_at(point);
            let _ = cancelled(&world).await;
            if !world.revive() {
                break;
            }
            points += 1;
            cancelled(&world).await.unwrap();
            let (status, money) = if paid { (PaymentStatus::Refunded, 4599) } else { (PaymentStatus::Cancelled, 0) };
            assert_eq!((world.payment().status, world.money_told()), (status, (money, money)), "point {point}");
            assert_eq!(world.intent().refunded, money, "point {point}");
        }
        assert!(points >= 6, "{points} points");
    }
}
