//! What Stripe told, done: the event and its effect are one transaction.

use dynamo::{StoreError, WriteError};
use kernel::{Invalid, OrderId, PaymentId};
use orders::interface::{Order, OrderStatus};
use tracing::{Instrument as _, info};

use crate::domain::{Contradiction, PaymentStatus, RefundStatus};
use crate::handlers::close_payment::{LoadHeld, NotClosed, close};
use crate::handlers::receive_stripe_webhook::WebhookMessage;
use crate::handlers::{CancelIntent, Clock, Held, RefundIntent, RetrieveIntent, SaveChange, Step};
use crate::stripe::{ProviderError, Subject, Unclear};

/// Tries against somebody who writes the same payment just now; then the queue tries again.
const TRIES: u32 = 4;

pub trait LoadKnown {
    /// All that the event may touch, in one read.
    async fn load_known(&self, payment: PaymentId, order: OrderId, event_id: &str) -> Result<Known, StoreError>;
}

/// What is known when an event comes in.
#[derive(Debug)]
pub struct Known {
    pub held: Option<Held>,
    pub order: Option<Order>,
    /// The event was handled before.
    pub handled: bool,
}

pub struct Deps<S, P> {
    pub store: S,
    pub provider: P,
    /// Several environments may share one Stripe account; each hears of all payments.
    pub environment: String,
    pub clock: Clock,
}

/// Why an event is not processed yet.
#[derive(Debug, thiserror::Error)]
pub enum NotProcessed {
    #[error(transparent)]
    Unclear(#[from] Unclear),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    #[error(transparent)]
    NotClosed(#[from] NotClosed),
    #[error("the event's metadata is not ours: {0}")]
    Metadata(#[from] Invalid),
    #[error("payment {0} of order {1} is not there")]
    Missing(PaymentId, OrderId),
    #[error("payment {0} is being written all the time")]
    Busy(PaymentId),
}

/// # Errors
/// [`NotProcessed`]: the queue delivers the event again.
pub async fn handle<S, P>(deps: &Deps<S, P>, message: WebhookMessage) -> Result<(), NotProcessed>
where
    S: LoadKnown + LoadHeld + SaveChange,
    P: CancelIntent + RetrieveIntent + RefundIntent,
{
    let (event_id, kind) = (message.event.id.as_str(), message.event.kind.as_str());
    let Some(subject) = message.event.subject()? else {
        info!(event_id, kind, "of no use here");
        return Ok(());
    };
    let Some((payment, order)) = identify(deps, &subject).await? else {
        info!(event_id, kind, "not of this environment");
        return Ok(());
    };
    for _ in 0..TRIES {
        let known = deps.store.load_known(payment, order, event_id).await?;
        let held = known.held.filter(|held| held.payment.body.order_id == order);
        let held = held.ok_or(NotProcessed::Missing(payment, order))?;
        // From here on the work is logged under the id of the request that began the payment, too.
        let span = held.payment.body.trace.span();
        if !known.handled {
            let step = learn(deps.clock, &held, &subject, event_id)?;
            let (status, news) = (step.payment.status, step.news.len());
            match deps.store.save(&held, step, deps.clock.stamp()).await {
                Ok(()) => span.in_scope(
                    || info!(event_id, kind, payment_id = %payment, order_id = %order, ?status, news, "learned"),
                ),
                Err(WriteError::Refused(_)) => continue,
                Err(WriteError::Store(error)) => return Err(error.into()),
            }
        }
        // Also after a crash between the event and the refund that it made necessary.
        if known.order.is_some_and(|order| order.status == OrderStatus::Cancelled) {
            close(&deps.store, &deps.provider, deps.clock, payment).instrument(span).await?;
        }
        return Ok(());
    }
    Err(NotProcessed::Busy(payment))
}

/// Which payment and order the event is about; none when it is not of this environment.
async fn identify<S, P: RetrieveIntent>(
    deps: &Deps<S, P>,
    subject: &Subject,
) -> Result<Option<(PaymentId, OrderId)>, NotProcessed> {
    let mut metadata = subject.metadata.clone();
    if metadata.payment_id.is_none() {
        // A charge does not always carry what its intent does.
        metadata = deps.provider.retrieve_intent(&subject.intent).await?.metadata;
    }
    let ours = metadata.environment.as_deref() == Some(deps.environment.as_str());
    match (metadata.payment_id, metadata.order_id) {
        (Some(payment), Some(order)) if ours => Ok(Some((payment.parse()?, order.parse()?))),
        _ => Ok(None),
    }
}

fn learn(clock: Clock, held: &Held, subject: &Subject, event_id: &str) -> Result<Step, Contradiction> {
    let now = (clock.now)();
    let step = Step::new(held.payment.body.learn(&subject.intent, &subject.fact, now)?);
    // The provider's word may be faster than its answer to our asking.
    let asked = held.refund.as_ref().map(|row| &row.body).filter(|refund| refund.status != RefundStatus::Succeeded);
    let through = asked.filter(|_| step.payment.status == PaymentStatus::Refunded);
    let refund = through.map(|refund| refund.now(RefundStatus::Succeeded, None, now));
    Ok(Step { refund, event_id: Some(event_id.to_owned()), ..step })
}

#[cfg(test)]
mod tests;
