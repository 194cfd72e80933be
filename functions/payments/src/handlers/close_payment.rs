//! Brings a payment of a closed order to its end: cancelled, or paid back in full.
//!
//! One step at a time, each written down and safe to repeat: whoever comes second, or after a crash, goes on where the rows say.

use dynamo::{StoreError, WriteError};
use kernel::PaymentId;
use tracing::{info, warn};

use crate::domain::{Closing, Contradiction, Fact, Outcome, Payment, Refund, RefundStatus, next_step};
use crate::handlers::{CancelIntent, Clock, Held, RefundIntent, RetrieveIntent, SaveChange, Step};
use crate::stripe::{Intent, ProviderError, UnknownCurrency};

/// The longest way has four steps (cancelled too late, captured, refund recorded, refunded); the others are for races.
const MAX_STEPS: u32 = 8;

pub trait LoadHeld {
    /// The payment and its closing refund, as of every write before.
    async fn load_held(&self, id: PaymentId) -> Result<Option<Held>, StoreError>;
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

/// Closes the payment `id`, whose order is closed.
///
/// # Errors
/// [`NotClosed`]; what was done until then stays done.
pub async fn close<S, P>(store: &S, provider: &P, clock: Clock, id: PaymentId) -> Result<(), NotClosed>
where
    S: LoadHeld + SaveChange,
    P: CancelIntent + RetrieveIntent + RefundIntent,
{
    for _ in 0..MAX_STEPS {
        let held = store.load_held(id).await?.ok_or(NotClosed::Missing(id))?;
        let closing = next_step(&held.payment.body, held.refund.as_ref().map(|row| &row.body));
        let step = match closing {
            Closing::Done => return Ok(()),
            Closing::Stuck => return Err(NotClosed::RefundFailed(id)),
            Closing::GiveUp | Closing::RecordRefund => record(&held.payment.body, closing, clock),
            Closing::CancelIntent => cancel(provider, &held.payment.body, clock).await?,
            Closing::AskForRefund => refund(provider, &held, clock).await?,
        };
        match store.save(&held, step, clock.stamp()).await {
            Ok(()) => info!(payment_id = %id, step = ?closing, "closing"),
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(NotClosed::Unsettled(id))
}

fn record(payment: &Payment, closing: Closing, clock: Clock) -> Step {
    let now = (clock.now)();
    let quiet = |payment| Step::new(Outcome { payment, news: Vec::new() });
    match closing {
        Closing::GiveUp => quiet(payment.given_up(now)),
        _ => quiet(payment.clone()).with_refund(Refund::closing(payment, now)),
    }
}

async fn cancel(
    provider: &(impl CancelIntent + RetrieveIntent),
    payment: &Payment,
    clock: Clock,
) -> Result<Step, NotClosed> {
    let id = intent_of(payment)?;
    let intent: Intent = match provider.cancel_intent(id).await {
        // Paid or cancelled in the meantime: the intent itself says which.
        Err(error) if error.refusal_code() == Some("payment_intent_unexpected_state") => {
            provider.retrieve_intent(id).await?
        }
        answer => answer?,
    };
    let fact = intent.settled()?.ok_or(NotClosed::InBetween(payment.id))?;
    Ok(Step::new(payment.learn(id, &fact, (clock.now)())?))
}

async fn refund(provider: &impl RefundIntent, held: &Held, clock: Clock) -> Result<Step, NotClosed> {
    let payment = &held.payment.body;
    let Some(refund) = held.refund.as_ref().map(|row| &row.body) else { return Err(NotClosed::Unsettled(payment.id)) };
    let (id, now) = (intent_of(payment)?, (clock.now)());
    let (status, provider_id, refunded) = match provider.refund_intent(refund, id).await {
        Ok(answer) => (answer.status(), Some(answer.id), payment.refunded.amount + refund.amount.amount),
        // Somebody gave it back by hand.
        Err(error) if error.refusal_code() == Some("charge_already_refunded") => {
            (RefundStatus::Succeeded, None, payment.captured.amount)
        }
        Err(error) => return Err(error.into()),
    };
    let step = if status == RefundStatus::Succeeded {
        let refunded = kernel::Money::new(refunded, payment.amount.currency);
        Step::new(payment.learn(id, &Fact::Refunded { charged: payment.captured, refunded }, now)?)
    } else {
        warn!(payment_id = %payment.id, refund_id = %refund.id, ?status, "the refund is not through");
        Step::new(Outcome { payment: payment.clone(), news: Vec::new() })
    };
    Ok(step.with_refund(refund.now(status, provider_id, now)))
}

fn intent_of(payment: &Payment) -> Result<&str, NotClosed> {
    // A payment that the provider has opened or captured has the provider's name for it.
    payment.provider_id.as_deref().ok_or(NotClosed::Unsettled(payment.id))
}
