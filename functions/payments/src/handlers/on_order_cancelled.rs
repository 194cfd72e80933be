//! `OrderCancelled.v1`: nobody pays for the order any more, and what was paid goes back.
//!
//! There is no row that remembers the event: each payment's own state says what is left to do, and a second delivery finds nothing. So a
//! crash between any two steps is harmless.

use dynamo::StoreError;
use events::{Envelope, OrderCancelled};
use kernel::{OrderId, PaymentId};
use tracing::error;

use crate::domain::RefundReason;
use crate::handlers::close_payment::{LoadHeld, NotClosed, close};
use crate::handlers::{CancelIntent, Clock, RefundIntent, RetrieveIntent, SaveChange};

pub trait ListPayments {
    /// Every payment of an order that was written down before.
    async fn list_payments(&self, order: OrderId) -> Result<Vec<PaymentId>, StoreError>;
}

pub struct Deps<S, P> {
    pub store: S,
    pub provider: P,
    pub clock: Clock,
}

/// # Errors
/// What the first payment that is not closed failed of; the others are closed all the same.
pub async fn handle<S, P>(deps: &Deps<S, P>, event: Envelope<OrderCancelled>) -> Result<(), NotClosed>
where
    S: ListPayments + LoadHeld + SaveChange,
    P: CancelIntent + RetrieveIntent + RefundIntent,
{
    let order = event.data.order.order_id;
    let mut outcome = Ok(());
    for payment in deps.store.list_payments(order).await? {
        let closed =
            close(&deps.store, &deps.provider, deps.clock, (payment, order), RefundReason::OrderCancelled).await;
        if let Err(cause) = closed {
            error!(order_id = %order, payment_id = %payment, cause = %cause, "not closed");
            outcome = outcome.and(Err(cause));
        }
    }
    outcome
}

#[cfg(test)]
mod tests;
