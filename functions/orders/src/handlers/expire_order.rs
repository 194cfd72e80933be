//! Closes an order that was not paid in time. `OrderPlaced.v1` comes here late, and again as long as the order may still be paid.

use events::{Envelope, OrderPlaced, Unreadable, read_rule_message};
use kernel::{Timestamp, Ulid};
use queue::Message;
use telemetry::Trace;

use crate::handlers::expiry::{Expiry, expire};
use crate::handlers::transition::{ConsumerError, LoadOrder, SaveTransition};

/// The longest that a queue holds a message back.
const MAX_DELAY_SECONDS: i64 = 900;

/// Brings a message back later.
pub trait SendLater {
    async fn send_later(&self, body: &str, seconds: i32) -> Result<(), NotSent>;
}

/// The queue did not take the message.
#[derive(Debug, thiserror::Error)]
#[error("the expiry queue did not take the message")]
pub struct NotSent(#[source] pub Box<dyn std::error::Error + Send + Sync>);

#[derive(Debug, thiserror::Error)]
pub enum ExpireError {
    #[error(transparent)]
    Consumer(#[from] ConsumerError),
    #[error(transparent)]
    NotSent(#[from] NotSent),
}

pub struct Deps<S, Q> {
    pub orders: S,
    pub queue: Q,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

/// The event as it came, to be sent on as it is.
#[derive(Debug, Clone)]
pub struct Placed {
    body: String,
    event: Envelope<OrderPlaced>,
}

impl Message for Placed {
    fn read(body: &str) -> Result<Self, Unreadable> {
        Ok(Self { body: body.to_owned(), event: read_rule_message(body)? })
    }

    fn trace(&self) -> &Trace {
        &self.event.trace
    }
}

/// # Errors
/// [`ExpireError`]: the queue delivers the message again.
pub async fn handle(
    deps: &Deps<impl LoadOrder + SaveTransition, impl SendLater>,
    placed: Placed,
) -> Result<(), ExpireError> {
    let now = (deps.now)();
    match expire(&deps.orders, placed.event.data.order_id, now, deps.new_id).await? {
        Expiry::Open { until } => Ok(deps.queue.send_later(&placed.body, delay(until, now)).await?),
        Expiry::Expired | Expiry::Over => Ok(()),
    }
}

/// What is left until `until`, rounded up, as far as a queue can hold a message back.
fn delay(until: Timestamp, now: Timestamp) -> i32 {
    let millis = until.epoch_millis() - now.epoch_millis();
    let seconds = (millis.max(0) + 999) / 1000;
    i32::try_from(seconds.min(MAX_DELAY_SECONDS)).expect("fifteen minutes fit")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use kernel::EventId;
    use testkit::now;

    use super::*;
    use crate::domain::samples::{WINDOW_SECONDS, eur, pending};
    use crate::domain::{Order, OrderEvent, OrderStatus};
    use crate::handlers::fakes::{OneOrder, new_id};

    #[derive(Default)]
    struct Sent(RefCell<Vec<(String, i32)>>);

    impl SendLater for Sent {
        async fn send_later(&self, body: &str, seconds: i32) -> Result<(), NotSent> {
            self.0.borrow_mut().push((body.to_owned(), seconds));
            Ok(())
        }
    }

    fn due() -> Timestamp {
        now().plus_seconds(WINDOW_SECONDS)
    }

    /// The message as the rule puts it into the queue.
    fn message() -> String {
        let (_, events) = Order::place(crate::domain::samples::draft(), crate::domain::samples::placing());
        let Some(OrderEvent::Placed(data)) = events.into_iter().next() else { panic!("not placed") };
        let event = Envelope::new(EventId::new(new_id()), now(), Trace::start("c"), 1, data);
        serde_json::json!({ "detail-type": "OrderPlaced.v1", "source": "souk.orders", "detail": event }).to_string()
    }

    async fn run(orders: OneOrder, now: fn() -> Timestamp) -> Deps<OneOrder, Sent> {
        let deps = Deps { orders, queue: Sent::default(), now, new_id };
        handle(&deps, Placed::read(&message()).unwrap()).await.unwrap();
        deps
    }

    #[tokio::test]
    async fn an_order_that_is_due_is_closed_and_its_stock_freed() {
        let deps = run(OneOrder::new(pending()), due).await;
        assert_eq!(deps.orders.status(), OrderStatus::Cancelled);
        assert!(matches!(deps.orders.events.borrow().as_slice(), [OrderEvent::Cancelled(_)]));
        assert!(deps.queue.0.borrow().is_empty());
    }

    #[tokio::test]
    async fn an_order_that_may_still_be_paid_comes_back_when_it_is_due_or_in_a_quarter_of_an_hour() {
        let deps = run(OneOrder::new(pending()), now).await;
        assert_eq!(*deps.queue.0.borrow(), [(message(), 900)]);
        assert_eq!(deps.orders.order(), pending());
        let shortly = || now().plus_seconds(WINDOW_SECONDS - 10);
        assert_eq!(run(OneOrder::new(pending()), shortly).await.queue.0.borrow()[0].1, 10);
    }

    #[tokio::test]
    async fn an_order_that_is_extended_meanwhile_is_not_closed() {
        let extended = Order { expires_at: due().plus_seconds(60), ..pending() };
        let deps = run(OneOrder::new(pending()).becoming(extended.clone()), due).await;
        assert_eq!(deps.orders.order(), extended);
        assert_eq!(deps.queue.0.borrow()[0].1, 60);
    }

    #[tokio::test]
    async fn an_order_that_is_paid_or_closed_stays_as_it_is() {
        let paid = pending().confirm(eur(3490), now()).unwrap().0;
        let closed = pending().cancel(None, now()).unwrap().0;
        for orders in [OneOrder::new(paid.clone()), OneOrder::new(pending()).becoming(paid), OneOrder::new(closed)] {
            let deps = run(orders, due).await;
            assert!(deps.orders.events.borrow().is_empty());
            assert!(deps.queue.0.borrow().is_empty());
        }
    }

    #[test]
    fn the_last_part_of_a_second_is_waited_for() {
        let almost = Timestamp::from_epoch_millis(due().epoch_millis() - 1);
        assert_eq!(delay(due(), almost), 1);
    }
}
