//! What is asked of a payment provider, one trait for each question.

use crate::domain::{Payment, Refund};
use crate::stripe::{Intent, IntentRefund, ProviderError};

pub trait OpenIntent {
    /// The intent of `payment`: the same one however often it is asked for.
    async fn open_intent(&self, payment: &Payment) -> Result<Intent, ProviderError>;
}

pub trait CancelIntent {
    /// Closes an intent that is not paid; refused with code `payment_intent_unexpected_state` when it is paid or closed already.
    async fn cancel_intent(&self, intent: &str) -> Result<Intent, ProviderError>;
}

pub trait RetrieveIntent {
    async fn retrieve_intent(&self, intent: &str) -> Result<Intent, ProviderError>;
}

pub trait RefundIntent {
    /// Gives back `refund.amount`, once however often it is asked for; refused with code `charge_already_refunded` when nothing is left.
    async fn refund_intent(&self, refund: &Refund, intent: &str) -> Result<IntentRefund, ProviderError>;
}

pub trait RetrieveRefund {
    async fn retrieve_refund(&self, id: &str) -> Result<IntentRefund, ProviderError>;
}
