use dynamo::{Row, WriteError};
use kernel::{Timestamp, Ulid};

use crate::domain::{News, Outcome, Payment, Refund};

/// A payment as it was read, with the refund it got if its order was closed.
#[derive(Debug, Clone)]
pub struct Held {
    pub payment: Row<Payment>,
    pub refund: Option<Row<Refund>>,
}

/// One step of a payment, committed as a whole: the payment after it, what else is written, and what to announce.
#[derive(Debug, Clone)]
pub struct Step {
    pub payment: Payment,
    /// The refund as it is to be, when the step changes it.
    pub refund: Option<Refund>,
    pub news: Vec<News>,
    /// The provider's event that is thereby handled.
    pub event_id: Option<String>,
}

impl Step {
    #[must_use]
    pub fn new(outcome: Outcome) -> Self {
        Self { payment: outcome.payment, refund: None, news: outcome.news, event_id: None }
    }

    #[must_use]
    pub fn with_refund(self, refund: Refund) -> Self {
        Self { refund: Some(refund), ..self }
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

/// Commits a step if the payment is still as it was read.
pub trait SaveChange {
    async fn save(&self, held: &Held, step: Step, stamp: Stamp) -> Result<(), WriteError<Raced>>;
}
