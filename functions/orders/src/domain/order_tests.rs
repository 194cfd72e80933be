use api::{Caller, Capability, User};
use events::CancelReason;
use kernel::UserId;
use testkit::now;

use super::samples::{WINDOW_SECONDS, draft, eur, free_draft, pending, placing, user_id};
use super::*;

fn due() -> kernel::Timestamp {
    now().plus_seconds(WINDOW_SECONDS)
}

#[test]
fn a_placed_order_awaits_its_payment_and_holds_its_stock() {
    let (order, events) = Order::place(draft(), placing());
    assert_eq!((order.status, order.payment_status), (OrderStatus::PendingPayment, PaymentStatus::Unpaid));
    assert_eq!(order.expires_at, due());
    let [OrderEvent::Placed(placed)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((placed.order_id, placed.total, placed.expires_at), (order.id, eur(3490), due()));
    let held: Vec<_> = placed.lines.iter().map(|line| (line.sku.as_str(), line.quantity.get())).collect();
    assert_eq!(held, [("A", 2), ("B", 1)]);
}

#[test]
fn every_line_has_an_id_of_its_own() {
    let order = pending();
    assert_ne!(order.lines[0].line_id, order.lines[1].line_id);
}

#[test]
fn an_order_that_costs_nothing_is_confirmed_at_once() {
    let (order, events) = Order::place(free_draft(), placing());
    assert_eq!((order.status, order.payment_status), (OrderStatus::Confirmed, PaymentStatus::Paid));
    assert!(matches!(events.as_slice(), [OrderEvent::Placed(_), OrderEvent::Confirmed(_)]), "{events:?}");
}

#[test]
fn the_payment_of_the_total_confirms_an_order() {
    let (order, events) = pending().confirm(eur(3490), now()).unwrap();
    assert_eq!((order.status, order.payment_status), (OrderStatus::Confirmed, PaymentStatus::Paid));
    assert!(matches!(events.as_slice(), [OrderEvent::Confirmed(_)]), "{events:?}");
    assert_eq!(order.clone().confirm(eur(3490), now()), Ok((order, vec![])), "hearing it again");
}

#[test]
fn another_amount_confirms_nothing() {
    for captured in [eur(3489), eur(3491), eur(0)] {
        let refused = pending().confirm(captured, now());
        assert_eq!(refused, Err(OrderError::OtherAmount { total: eur(3490), captured }));
    }
}

#[test]
fn a_cancelled_order_is_never_confirmed() {
    let (cancelled, _) = pending().cancel(None, now()).unwrap();
    assert_eq!(cancelled.confirm(eur(3490), now()), Err(OrderError::Cancelled));
}

#[test]
fn an_unpaid_order_can_be_cancelled_and_says_why() {
    let (order, events) = pending().cancel(Some("Too slow"), now()).unwrap();
    assert_eq!((order.status, order.payment_status), (OrderStatus::Cancelled, PaymentStatus::Voided));
    assert_eq!(order.timeline.last().unwrap().detail, "The shopper cancelled the order: Too slow");
    let [OrderEvent::Cancelled(cancelled)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(cancelled.reason, CancelReason::Shopper);
}

#[test]
fn a_paid_order_cannot_be_cancelled() {
    let (paid, _) = pending().confirm(eur(3490), now()).unwrap();
    assert_eq!(paid.cancel(None, now()), Err(OrderError::NotCancellable));
}

#[test]
fn an_order_expires_at_its_time_and_not_before() {
    let early = pending().expire(due().plus_seconds(-1));
    assert_eq!(early, Err(OrderError::NotDue { until: due() }));
    let (order, events) = pending().expire(due()).unwrap();
    assert_eq!(order.status, OrderStatus::Cancelled);
    let [OrderEvent::Cancelled(cancelled)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(cancelled.reason, CancelReason::Expired);
}

#[test]
fn a_guest_s_order_opens_to_its_token_and_a_shopper_s_to_the_shopper() {
    let capability = Capability::new(b"key");
    let user = |id: UserId| Caller::User(User { id, groups: vec![], signed_in_at: testkit::now() });
    let other = user("00000000-0000-4000-8000-000000000000".parse().unwrap());

    let guest = pending();
    let token = Order::first_guest_token(guest.id, &capability);
    assert!(guest.opens_to(&Caller::Guest, Some(&token), &capability));
    assert!(guest.opens_to(&other, Some(&token), &capability));
    assert!(!guest.opens_to(&Caller::Guest, None, &capability));
    assert!(!guest.opens_to(&Caller::Guest, Some("x"), &capability));
    let revoked = Order { token_version: 2, ..guest.clone() };
    assert!(!revoked.opens_to(&Caller::Guest, Some(&token), &capability));

    let shopper = Order { user_id: Some(user_id()), ..guest };
    assert!(shopper.opens_to(&user(user_id()), None, &capability));
    assert!(!shopper.opens_to(&other, None, &capability));
    assert!(!shopper.opens_to(&Caller::Guest, Some(&token), &capability));
}
