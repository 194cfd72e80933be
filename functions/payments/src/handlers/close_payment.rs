//! Brings a payment that is not needed to its end: cancelled, or paid back in full. Its order is closed, or another payment has paid.
//!
//! One step at a time, each written down and safe to repeat: whoever comes second, or after a crash, goes on where the rows say. A
//! crash between the provider's answer and our record is harmless, for cancelling a cancelled intent says so, and asking for a refund
//! twice under its key is one refund.

use dynamo::StoreError;
use kernel::{OrderId, PaymentId, Timestamp};
use tracing::info;

use crate::domain::{
    Closing, Contradiction, Fact, OrderState, Payment, Refund, RefundReason, RefundStatus, book, next_step,
};
use crate::handlers::{CancelIntent, Clock, Held, RefundIntent, RetrieveIntent, SaveChange, Step, commit};
use crate::stripe::{Intent, ProviderError, UnknownCurrency};

/// The longest way has four steps (cancelled too late, captured, refund recorded, refunded); the others are for races.
const MAX_STEPS: u32 = 8;

pub trait LoadHeld {
    /// The payment, its closing refund and its order's attempts, as of every write before.
    async fn load_held(&self, id: PaymentId, order: OrderId) -> Result<Option<Held>, StoreError>;
}

/// Why a payment is not closed yet. The queue tries again, and then people have to look.
#[derive(Debug, thiserror::Error)]
pub enum NotClosed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    #[error(transparent)]
    Currency(#[from] UnknownCurrency),
    #[error("payment {0} is not there")]
    Missing(PaymentId),
    #[error("the provider neither cancels nor finishes payment {0}")]
    InBetween(PaymentId),
    #[error("the provider could not refund payment {0}")]
    RefundFailed(PaymentId),
    #[error("payment {0} is not closed after {MAX_STEPS} steps")]
    Unsettled(PaymentId),
}

/// Closes the payment `id` of `order`; gives the number of steps that it took.
///
/// # Errors
/// [`NotClosed`]; what was done until then stays done.
pub async fn close<S, P>(
    store: &S,
    provider: &P,
    clock: Clock,
    (id, order): (PaymentId, OrderId),
    why: RefundReason,
) -> Result<u32, NotClosed>
where
    S: LoadHeld + SaveChange,
    P: CancelIntent + RetrieveIntent + RefundIntent,
{
    let mut steps = 0;
    for _ in 0..MAX_STEPS {
        let held = store.load_held(id, order).await?.ok_or(NotClosed::Missing(id))?;
        let payment = &held.payment.body;
        let closing = next_step(why, payment, held.refund());
        let now = (clock.now)();
        let mut trouble = None;
        let step = match closing {
            Closing::Done => return Ok(steps),
            Closing::Stuck => return Err(NotClosed::RefundFailed(id)),
            Closing::GiveUp => Step::quiet(payment.given_up(now)),
            Closing::RecordRefund => {
                let refund = held.refund().map(|refund| refund.of_what_is_left(payment, now));
                Step::quiet(payment.clone()).with_refund(refund.unwrap_or_else(|| Refund::closing(payment, why, now)))
            }
            Closing::CancelIntent => cancel(provider, &held, why, clock).await?,
            Closing::AskForRefund => match refund(provider, &held, clock).await {
                // It keeps its failure for the key, so that the next try needs another.
                Err(NotClosed::Provider(cause @ ProviderError::Failed(_))) => {
                    trouble = Some(cause);
                    Step::quiet(payment.clone()).with_refund(tried(&held, now)?)
                }
                step => step?,
            },
        };
        if !commit(store, &held, step, clock).await? {
            continue;
        }
        info!(payment_id = %id, order_id = %order, step = ?closing, reason = why.as_str(), "closing");
        steps += 1;
        if let Some(cause) = trouble {
            return Err(cause.into());
        }
    }
    Err(NotClosed::Unsettled(id))
}

async fn cancel(
    provider: &(impl CancelIntent + RetrieveIntent),
    held: &Held,
    why: RefundReason,
    clock: Clock,
) -> Result<Step, NotClosed> {
    let payment = &held.payment.body;
    let id = intent_of(payment)?;
    let intent: Intent = match provider.cancel_intent(id).await {
        // Paid or cancelled in the meantime: the intent itself says which.
        Err(error) if error.refusal_code() == Some("payment_intent_unexpected_state") => {
            provider.retrieve_intent(id).await?
        }
        answer => answer?,
    };
    let fact = intent.settled()?.ok_or(NotClosed::InBetween(payment.id))?;
    let order = match why {
        RefundReason::OrderCancelled => OrderState::Cancelled,
        RefundReason::Duplicate => OrderState::Paid,
    };
    Ok(Step::new(book(order, held.attempts(), payment, id, &fact, (clock.now)())?))
}

async fn refund(provider: &impl RefundIntent, held: &Held, clock: Clock) -> Result<Step, NotClosed> {
    let (payment, refund) = (&held.payment.body, recorded(held)?);
    let (id, now) = (intent_of(payment)?, (clock.now)());
    let (status, provider_id) = match provider.refund_intent(refund, id).await {
        Ok(answer) => (answer.status(), Some(answer.id)),
        // Somebody gave it back by hand.
        Err(error) if error.refusal_code() == Some("charge_already_refunded") => (RefundStatus::Succeeded, None),
        Err(error) => return Err(error.into()),
    };
    through(held, refund.now(status, provider_id, now), clock)
}

/// The step that writes down what has become of the closing refund. Once that is through, nothing is kept of the payment.
pub(crate) fn through(held: &Held, refund: Refund, clock: Clock) -> Result<Step, NotClosed> {
    let (payment, now) = (&held.payment.body, (clock.now)());
    let mut step = Step::quiet(payment.clone());
    if refund.status == RefundStatus::Succeeded && payment.kept().amount > 0 {
        let back = Fact::Refunded { charged: payment.captured, refunded: payment.captured };
        step = Step::new(book(OrderState::Paid, held.attempts(), payment, intent_of(payment)?, &back, now)?);
    }
    if refund.status == RefundStatus::Failed {
        // An order that was settled no longer is. Written also when it was not: it may be just now.
        step.attempts = held.attempts().map(|known| known.with(payment.id, now));
    }
    Ok(step.with_refund(refund))
}

fn recorded(held: &Held) -> Result<&Refund, NotClosed> {
    held.refund().ok_or(NotClosed::Unsettled(held.payment.body.id))
}

fn tried(held: &Held, now: Timestamp) -> Result<Refund, NotClosed> {
    Ok(recorded(held)?.tried(now))
}

fn intent_of(payment: &Payment) -> Result<&str, NotClosed> {
    // A payment that the provider has opened or captured has the provider's name for it.
    payment.provider_id.as_deref().ok_or(NotClosed::Unsettled(payment.id))
}
