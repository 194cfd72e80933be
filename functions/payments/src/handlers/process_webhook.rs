//! What Stripe told, done: the event and its effect are one transaction.
//!
//! A crash before that transaction leaves nothing, and the queue delivers the event again. A crash after it leaves the event's mark: the
//! next delivery finds the effect there, and goes on with closing the payment, if that is due.

use dynamo::{Row, StoreError, WriteError};
use kernel::{Invalid, OrderId, PaymentId};
use orders::interface::Order;
use tracing::{Instrument as _, info, warn};

use crate::domain::{
    Attempts, Contradiction, Fact, OrderState, Payment, PaymentStatus, RefundReason, RefundStatus, Stray, book,
    book_stray, stray_id,
};
use crate::handlers::close_payment::{LoadHeld, NotClosed, close, through};
use crate::handlers::receive_stripe_webhook::WebhookMessage;
use crate::handlers::{
    CancelIntent, Clock, Held, Raced, RefundIntent, RetrieveIntent, SaveChange, Stamp, Step, announce_surplus, commit,
};
use crate::stripe::{ProviderError, Subject, Told, Unclear};

/// Tries against others who write the same payment just now; then the queue tries again, minutes later. Each try is lost to one of
/// them, and Stripe tells of a payment that is declined, cancelled and paid in a burst.
const TRIES: u32 = 12;

pub trait LoadKnown {
    /// All that the event may touch, in one read.
    async fn load_known(&self, payment: PaymentId, order: OrderId, event_id: &str) -> Result<Known, StoreError>;
}

pub trait SaveStray {
    /// Commits a step that writes its payment down for the first time.
    async fn save_stray(
        &self,
        known: Option<&Row<Attempts>>,
        step: Step,
        stamp: Stamp,
    ) -> Result<(), WriteError<Raced>>;
}

/// What is known when an event comes in.
#[derive(Debug)]
pub struct Known {
    pub held: Option<Held>,
    pub attempts: Option<Row<Attempts>>,
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
    #[error("nobody knows which order the money of intent {0} is for")]
    NoOrder(String),
    #[error("the payments of order {0} are being written all the time")]
    Busy(OrderId),
}

/// # Errors
/// [`NotProcessed`]: the queue delivers the event again.
pub async fn handle<S, P>(deps: &Deps<S, P>, message: WebhookMessage) -> Result<(), NotProcessed>
where
    S: LoadKnown + LoadHeld + SaveChange + SaveStray,
    P: CancelIntent + RetrieveIntent + RefundIntent,
{
    let (event_id, kind) = (message.event.id.as_str(), message.event.kind.as_str());
    let Some(subject) = message.event.subject()? else {
        info!(event_id, kind, "of no use here");
        return Ok(());
    };
    let Some(about) = identify(deps, &subject).await? else {
        info!(event_id, kind, "not of this environment");
        return Ok(());
    };
    for _ in 0..TRIES {
        let known = find(&deps.store, &about, &subject, event_id).await?;
        let Some(held) = &known.held else {
            let Some(step) = stray(deps.clock, &known, &about, &subject, &message)? else {
                info!(event_id, kind, order_id = %about.order, "no payment of ours, and no money");
                return Ok(());
            };
            take_stray(deps, &known, step).await?;
            // The order may have been closed meanwhile, by somebody who could not know of the stray: look again.
            continue;
        };
        // From here on the work is logged under the id of the request that began the payment, too.
        let span = held.payment.body.trace.span();
        let Some(after) = learn(deps, &known, held, &subject, event_id, kind).instrument(span.clone()).await? else {
            continue;
        };
        if matches!(subject.told, Told::Fact(_)) {
            finish(deps, &known, after).instrument(span).await?;
        }
        return Ok(());
    }
    Err(NotProcessed::Busy(about.order))
}

/// Which payment and order an event is about, as its metadata say.
struct About {
    payment: Option<PaymentId>,
    order: OrderId,
}

/// None when the event is not of this environment.
async fn identify<S, P: RetrieveIntent>(deps: &Deps<S, P>, subject: &Subject) -> Result<Option<About>, NotProcessed> {
    let mut metadata = subject.metadata.clone();
    if metadata.environment.is_none() {
        // A charge does not always carry what its intent does.
        metadata = deps.provider.retrieve_intent(&subject.intent).await?.metadata;
    }
    if metadata.environment.as_deref() != Some(deps.environment.as_str()) {
        return Ok(None);
    }
    let Some(order) = metadata.order_id else {
        let money = matches!(subject.told, Told::Fact(Fact::Succeeded { .. } | Fact::Refunded { .. }));
        return if money { Err(NotProcessed::NoOrder(subject.intent.clone())) } else { Ok(None) };
    };
    let payment = metadata.payment_id.and_then(|payment| payment.parse().ok());
    Ok(Some(About { payment, order: order.parse()? }))
}

/// The payment that knows the intent: the one that the metadata name, or the stray that was made of it.
async fn find(store: &impl LoadKnown, about: &About, subject: &Subject, event_id: &str) -> Result<Known, StoreError> {
    let intent = subject.intent.as_str();
    let is_it = |held: &Held| {
        let payment = &held.payment.body;
        payment.order_id == about.order
            && match &payment.provider_id {
                Some(known) => known == intent,
                // The shop asked for just its amount.
                None => subject.charged().is_none_or(|charged| charged == payment.amount),
            }
    };
    if let Some(payment) = about.payment {
        let known = store.load_known(payment, about.order, event_id).await?;
        if known.held.as_ref().is_some_and(is_it) {
            return Ok(known);
        }
    }
    store.load_known(stray_id(intent), about.order, event_id).await
}

/// The first step of a payment for money of an intent that no payment knows; none when there is no money. It does not mark the event:
/// that is done by the next look, which finds the payment.
fn stray(
    clock: Clock,
    known: &Known,
    about: &About,
    subject: &Subject,
    message: &WebhookMessage,
) -> Result<Option<Step>, Contradiction> {
    let Told::Fact(fact) = &subject.told else { return Ok(None) };
    let stray = Stray { order_id: about.order, order: known.order.clone(), trace: message.trace.clone() };
    let attempts = known.attempts.as_ref().map(|row| &row.body);
    Ok(book_stray(&stray, attempts, &subject.intent, fact, (clock.now)())?.map(Step::new))
}

async fn take_stray<S: SaveStray, P>(deps: &Deps<S, P>, known: &Known, step: Step) -> Result<(), NotProcessed> {
    let (id, order, surplus) = (step.payment.id, step.payment.order_id, step.finds_surplus(None));
    match deps.store.save_stray(known.attempts.as_ref(), step, deps.clock.stamp()).await {
        Ok(()) => {
            warn!(payment_id = %id, order_id = %order, surplus, "money came by an intent that no payment knows");
            if surplus {
                announce_surplus(id, order);
            }
            Ok(())
        }
        Err(WriteError::Refused(_)) => Ok(()),
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}

/// What is true of the payment and its attempts after the event; none when somebody else wrote first.
async fn learn<S: SaveChange, P>(
    deps: &Deps<S, P>,
    known: &Known,
    held: &Held,
    subject: &Subject,
    event_id: &str,
    kind: &str,
) -> Result<Option<(Payment, Option<Attempts>)>, NotProcessed> {
    let before = (held.payment.body.clone(), held.attempts().cloned());
    if known.handled {
        return Ok(Some(before));
    }
    let step = match &subject.told {
        Told::Fact(fact) => Some(learn_fact(deps.clock, known, held, &subject.intent, fact)?),
        Told::Refund { id, status } => learn_refund(deps.clock, held, subject, id, *status)?,
    };
    let Some(step) = step else {
        info!(event_id, kind, "nothing new");
        return Ok(Some(before));
    };
    let (id, order) = (step.payment.id, step.payment.order_id);
    let (status, news) = (step.payment.status, step.news.len());
    let after = (step.payment.clone(), step.attempts.clone().or(before.1));
    let step = Step { event_id: Some(event_id.to_owned()), ..step };
    if !commit(&deps.store, held, step, deps.clock).await? {
        return Ok(None);
    }
    info!(event_id, kind, payment_id = %id, order_id = %order, ?status, news, "learned");
    Ok(Some(after))
}

fn learn_fact(clock: Clock, known: &Known, held: &Held, intent: &str, fact: &Fact) -> Result<Step, Contradiction> {
    let (payment, now) = (&held.payment.body, (clock.now)());
    let order = OrderState::of(known.order.as_ref());
    let step = Step::new(book(order, held.attempts(), payment, intent, fact, now)?);
    if step.payment.status != PaymentStatus::Refunded {
        return Ok(step);
    }
    // The provider's word may be faster than its answer to our asking, and what it failed at people may have done.
    let was_back = payment.status == PaymentStatus::Refunded;
    let asked = held.refund().filter(|refund| match refund.status {
        RefundStatus::Requested | RefundStatus::Pending => true,
        RefundStatus::Failed => !was_back,
        RefundStatus::Succeeded => false,
    });
    let refund = asked.map(|refund| refund.now(RefundStatus::Succeeded, None, now));
    Ok(Step { refund, ..step })
}

/// None when the refund is not one that Souk asked for, or the news is old.
fn learn_refund(
    clock: Clock,
    held: &Held,
    subject: &Subject,
    id: &str,
    status: RefundStatus,
) -> Result<Option<Step>, NotClosed> {
    let ours = held.refund().filter(|refund| {
        let named = subject.metadata.refund_id.as_deref() == Some(refund.id.to_string().as_str());
        named || refund.provider_id.as_deref() == Some(id)
    });
    let heard = ours.and_then(|refund| refund.heard(status, id, (clock.now)()));
    heard.map(|refund| through(held, refund, clock)).transpose()
}

/// Closes what is not needed after the event. Also after a crash between the event and the refund that it made necessary.
async fn finish<S, P>(
    deps: &Deps<S, P>,
    known: &Known,
    (payment, attempts): (Payment, Option<Attempts>),
) -> Result<(), NotClosed>
where
    S: LoadHeld + SaveChange,
    P: CancelIntent + RetrieveIntent + RefundIntent,
{
    let order = OrderState::of(known.order.as_ref());
    let paid = attempts.filter(|attempts| attempts.paid_by == Some(payment.id));
    let (id, why) = match (order, paid) {
        (OrderState::Cancelled, _) => (payment.id, RefundReason::OrderCancelled),
        _ if payment.surplus => (payment.id, RefundReason::Duplicate),
        // A stray has paid: nobody is to pay the live payment too.
        (_, Some(attempts)) if attempts.live != payment.id => (attempts.live, RefundReason::Duplicate),
        _ => return Ok(()),
    };
    close(&deps.store, &deps.provider, deps.clock, (id, payment.order_id), why).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
