//! What every change of an order has in common: read it, decide, and save if nobody was faster.

use api::Response;
use api::idempotency::Claim;
use dynamo::{Row, StoreError};
use kernel::{EventId, OrderId, Timestamp, Ulid, UserId};
use telemetry::Trace;

use crate::domain::{Order, Transition};

/// Rounds of reading and deciding again before somebody else is let through.
pub const TRIES: usize = 3;

/// An order with its version, for changing it.
pub trait LoadOrder {
    async fn load_order(&self, id: OrderId) -> Result<Option<Row<Order>>, StoreError>;
}

/// Writes a transition with its events, if the order is still as it was read.
pub trait SaveTransition {
    async fn save_transition(
        &self,
        before: &Row<Order>,
        transition: Transition,
        once: Once<'_>,
        announcing: &Announcing,
    ) -> Result<Saved, StoreError>;
}

/// What keeps a change from happening twice.
#[derive(Debug, Clone, Copy)]
pub enum Once<'a> {
    /// The order's own state.
    State,
    /// The memory of the event that caused it.
    Event { consumer: &'a str, id: EventId },
    /// The memory of the request and its answer.
    Request { claim: &'a Claim, response: &'a Response },
}

/// What a write came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    Done,
    /// Somebody was faster: what was read is no longer true, and nothing was written.
    Raced,
}

/// What the events of a change are sent with.
#[derive(Debug, Clone)]
pub struct Announcing {
    pub trace: Trace,
    pub at: Timestamp,
    pub new_id: fn() -> Ulid,
}

/// Why a consumer leaves its message in the queue.
#[derive(Debug, thiserror::Error)]
pub enum ConsumerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no order {0}")]
    NoOrder(OrderId),
    #[error("order {0} kept changing")]
    Raced(OrderId),
    #[error("account {0} kept changing")]
    AccountRaced(UserId),
}
