//! Closing an order that was not paid in time: the same step, whether its message came back or the sweep found it due.

use kernel::{OrderId, Timestamp, Ulid};
use tracing::{Instrument as _, info};

use crate::domain::{Order, OrderError};
use crate::handlers::transition::{Announcing, ConsumerError, LoadOrder, Once, SaveTransition, Saved, TRIES};

/// What became of an order whose time to pay may be over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// It is closed now, and that is announced.
    Expired,
    /// It may still be paid.
    Open { until: Timestamp },
    /// It was paid or closed before.
    Over,
}

/// Closes the order `id` if it is due at `now`.
///
/// # Errors
/// [`ConsumerError`]: another try may succeed.
pub async fn expire(
    orders: &(impl LoadOrder + SaveTransition),
    id: OrderId,
    now: Timestamp,
    new_id: fn() -> Ulid,
) -> Result<Expiry, ConsumerError> {
    for _ in 0..TRIES {
        let before = orders.load_order(id).await?.ok_or(ConsumerError::NoOrder(id))?;
        let (after, events) = match before.body.clone().expire(now) {
            Ok((_, events)) if events.is_empty() => return Ok(Expiry::Over),
            Ok(transition) => transition,
            Err(OrderError::NotDue { until }) => return Ok(Expiry::Open { until }),
            Err(OrderError::NotCancellable | OrderError::Cancelled | OrderError::OtherAmount { .. }) => {
                return Ok(Expiry::Over);
            }
        };
        let Order { trace, .. } = before.body.clone();
        let span = trace.span();
        let announcing = Announcing { trace, at: now, new_id };
        let saving = orders.save_transition(&before, (after, events), Once::State, &announcing);
        if saving.instrument(span.clone()).await? == Saved::Done {
            span.in_scope(|| info!(order_id = %id, "order {id} was not paid in time"));
            telemetry::count("orders", "OrdersExpired", 1);
            return Ok(Expiry::Expired);
        }
    }
    Err(ConsumerError::Raced(id))
}
