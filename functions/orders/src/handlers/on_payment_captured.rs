//! `PaymentCaptured.v1`: an order that is paid for is confirmed.

use events::{Envelope, PaymentCaptured};
use kernel::{Timestamp, Ulid};
use tracing::{error, info, warn};

use crate::domain::OrderError;
use crate::handlers::transition::{Announcing, ConsumerError, LoadOrder, Once, SaveTransition, Saved, TRIES};

pub const CONSUMER: &str = "orders-on-payment-captured";

pub struct Deps<S> {
    pub orders: S,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

/// # Errors
/// [`ConsumerError`]: the queue delivers the event again.
pub async fn handle(
    deps: &Deps<impl LoadOrder + SaveTransition>,
    event: Envelope<PaymentCaptured>,
) -> Result<(), ConsumerError> {
    let PaymentCaptured { payment_id, order_id, amount } = event.data;
    let announcing = Announcing { trace: event.trace, at: (deps.now)(), new_id: deps.new_id };
    let once = Once::Event { consumer: CONSUMER, id: event.id };
    for _ in 0..TRIES {
        let before = deps.orders.load_order(order_id).await?.ok_or(ConsumerError::NoOrder(order_id))?;
        let (after, events) = match before.body.clone().confirm(amount, announcing.at) {
            Ok((_, events)) if events.is_empty() => return Ok(()),
            Ok(transition) => transition,
            Err(OrderError::Cancelled) => {
                // The money goes back on the side of payments, which hears of the cancellation and of every capture.
                warn!(%order_id, %payment_id, "captured for an order that is cancelled");
                return Ok(());
            }
            Err(cause) => {
                error!(%order_id, %payment_id, cause = %cause, "the order stays unconfirmed: somebody has to look at it");
                return Ok(());
            }
        };
        if deps.orders.save_transition(&before, (after, events), once, &announcing).await? == Saved::Done {
            info!(%order_id, %payment_id, "confirmed order {order_id}");
            telemetry::count("orders", "OrdersConfirmed", 1);
            return Ok(());
        }
    }
    Err(ConsumerError::Raced(order_id))
}

#[cfg(test)]
mod tests {
    use kernel::{EventId, Money, PaymentId};
    use telemetry::Trace;
    use testkit::now;

    use super::*;
    use crate::domain::samples::{eur, pending};
    use crate::domain::{Order, OrderEvent, OrderStatus};
    use crate::handlers::fakes::{OneOrder, new_id};

    async fn captured(orders: OneOrder, amount: Money) -> Deps<OneOrder> {
        let data = PaymentCaptured { payment_id: PaymentId::new(new_id()), order_id: pending().id, amount };
        let deps = Deps { orders, now, new_id };
        let event = Envelope::new(EventId::new(new_id()), now(), Trace::start("c"), 1, data);
        handle(&deps, event).await.unwrap();
        deps
    }

    fn cancelled() -> Order {
        pending().cancel(None, now()).unwrap().0
    }

    #[tokio::test]
    async fn a_paid_order_is_confirmed_and_announced() {
        let deps = captured(OneOrder::new(pending()), eur(3490)).await;
        assert_eq!(deps.orders.status(), OrderStatus::Confirmed);
        assert!(matches!(deps.orders.events.borrow().as_slice(), [OrderEvent::Confirmed(_)]));
    }

    #[tokio::test]
    async fn hearing_it_again_changes_nothing() {
        let paid = pending().confirm(eur(3490), now()).unwrap().0;
        let deps = captured(OneOrder::new(paid.clone()), eur(3490)).await;
        assert_eq!(deps.orders.order(), paid);
        assert!(deps.orders.events.borrow().is_empty());
    }

    #[tokio::test]
    async fn another_amount_leaves_the_order_as_it_is() {
        let deps = captured(OneOrder::new(pending()), eur(3489)).await;
        assert_eq!(deps.orders.order(), pending());
    }

    #[tokio::test]
    async fn money_for_a_cancelled_order_does_not_bring_it_back() {
        for orders in [OneOrder::new(cancelled()), OneOrder::new(pending()).becoming(cancelled())] {
            let deps = captured(orders, eur(3490)).await;
            assert_eq!(deps.orders.order(), cancelled());
            assert!(deps.orders.events.borrow().is_empty());
        }
    }
}
