use dynamo::{Row, StoreError, WriteError};
use kernel::{OrderId, PaymentId, Timestamp, Ulid};
use tracing::{error, warn};

use crate::domain::{Attempts, Booked, News, Payment, Refund, RefundStatus};

/// A payment as it was read, with the refund it got if it was closed, and the attempts that it is one of.
#[derive(Debug, Clone)]
pub struct Held {
    pub payment: Row<Payment>,
    pub refund: Option<Row<Refund>>,
    pub attempts: Option<Row<Attempts>>,
}

impl Held {
    #[must_use]
    pub fn refund(&self) -> Option<&Refund> {
        self.refund.as_ref().map(|row| &row.body)
    }

    #[must_use]
    pub fn attempts(&self) -> Option<&Attempts> {
        self.attempts.as_ref().map(|row| &row.body)
    }
}

/// One step of a payment, committed as a whole: the payment after it, what else is written, and what to announce.
#[derive(Debug, Clone)]
pub struct Step {
    pub payment: Payment,
    /// The refund as it is to be, when the step changes it.
    pub refund: Option<Refund>,
    /// The order's attempts as they are to be, when the step changes them.
    pub attempts: Option<Attempts>,
    pub news: Vec<News>,
    /// The provider's event that is thereby handled.
    pub event_id: Option<String>,
}

impl Step {
    #[must_use]
    pub fn new(booked: Booked) -> Self {
        Self { payment: booked.payment, refund: None, attempts: booked.attempts, news: booked.news, event_id: None }
    }

    /// A step that nobody else hears of.
    #[must_use]
    pub fn quiet(payment: Payment) -> Self {
        Self::new(Booked { payment, attempts: None, news: Vec::new() })
    }

    #[must_use]
    pub fn with_refund(self, refund: Refund) -> Self {
        Self { refund: Some(refund), ..self }
    }

    /// Whether the step takes in money that pays for nothing.
    #[must_use]
    pub fn finds_surplus(&self, before: Option<&Payment>) -> bool {
        self.payment.surplus && !before.is_some_and(|before| before.surplus)
    }

    fn has_failed_refund(&self) -> bool {
        self.refund.as_ref().is_some_and(|refund| refund.status == RefundStatus::Failed)
    }
}

/// Somebody else wrote first: read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raced;

/// When a step happens, and the ids for what it announces.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    pub now: Timestamp,
    pub new_id: fn() -> Ulid,
}

/// Where stamps come from.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

impl Clock {
    #[must_use]
    pub fn stamp(self) -> Stamp {
        Stamp { now: (self.now)(), new_id: self.new_id }
    }
}

/// Commits a step if the payment, and what else it writes, is still as it was read.
pub trait SaveChange {
    async fn save(&self, held: &Held, step: Step, stamp: Stamp) -> Result<(), WriteError<Raced>>;
}

/// Commits `step`, and tells the people who watch the shop what they have to know of it; false when somebody else wrote first.
pub(crate) async fn commit(store: &impl SaveChange, held: &Held, step: Step, clock: Clock) -> Result<bool, StoreError> {
    let (id, order) = (step.payment.id, step.payment.order_id);
    let (surplus, failed) = (step.finds_surplus(Some(&held.payment.body)), step.has_failed_refund());
    match store.save(held, step, clock.stamp()).await {
        Ok(()) => {}
        Err(WriteError::Refused(_)) => return Ok(false),
        Err(WriteError::Store(cause)) => return Err(cause),
    }
    if surplus {
        announce_surplus(id, order);
    }
    if failed {
        error!(payment_id = %id, order_id = %order, "the provider could not give money back: people have to");
        telemetry::count("payments", "RefundsFailed", 1);
    }
    Ok(true)
}

/// For the people who watch the shop.
pub(crate) fn announce_surplus(id: PaymentId, order: OrderId) {
    warn!(payment_id = %id, order_id = %order, "money came in that pays for nothing; it goes back");
    telemetry::count("payments", "SurplusCaptured", 1);
}
