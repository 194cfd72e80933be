//! `OrderCancelled.v1`: nobody pays for the order any more, and what was paid goes back.
//!
//! There is no row that remembers the event: each payment's own state says what is left to do, and a second delivery finds nothing.

use dynamo::StoreError;
use events::{Envelope, OrderCancelled};
use kernel::{OrderId, PaymentId};
use tracing::error;

use crate::handlers::close_payment::{LoadHeld, NotClosed, close};
use crate::handlers::{CancelIntent, Clock, RefundIntent, RetrieveIntent, SaveChange};

pub trait ListPayments {
    /// The payments of an order. One that was begun in the last moment may be missing: the webhook of its success sees to it.
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
        if let Err(cause) = close(&deps.store, &deps.provider, deps.clock, payment).await {
            error!(order_id = %order, payment_id = %payment, cause = %cause, "not closed");
            outcome = outcome.and(Err(cause));
        }
    }
    outcome
}

#[cfg(test)]
mod tests;
