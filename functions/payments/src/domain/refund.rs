use kernel::{Money, OrderId, PaymentId, RefundId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::Payment;

/// How far a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// Written down; the provider may or may not have heard of it.
    Requested,
    /// The provider works on it and will tell.
    Pending,
    Succeeded,
    /// The provider could not give the money back; people have to.
    Failed,
}

/// Why a payment is closed, and so why its money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    OrderCancelled,
    /// Another payment has paid the order.
    Duplicate,
}

impl RefundReason {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderCancelled => "order_cancelled",
            Self::Duplicate => "duplicate",
        }
    }
}

/// Money on its way back to the shopper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub id: RefundId,
    pub payment_id: PaymentId,
    pub order_id: OrderId,
    pub amount: Money,
    pub reason: RefundReason,
    pub status: RefundStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// How often it was asked for in vain: the provider keeps its failure for the key, so that the next try needs another.
    #[serde(default)]
    pub failures: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Refund {
    /// The id of the refund that a payment gets when it is closed: one per payment, so that everybody who finds money to give back means
    /// the same refund.
    #[must_use]
    pub fn closing_id(payment: PaymentId) -> RefundId {
        RefundId::new(payment.ulid())
    }

    /// Everything that is still kept of a payment that is closed.
    #[must_use]
    pub fn closing(payment: &Payment, reason: RefundReason, now: Timestamp) -> Self {
        Self {
            id: Self::closing_id(payment.id),
            payment_id: payment.id,
            order_id: payment.order_id,
            amount: payment.kept(),
            reason,
            status: RefundStatus::Requested,
            provider_id: None,
            failures: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// The same refund of what is still kept, under another key.
    #[must_use]
    pub fn of_what_is_left(&self, payment: &Payment, now: Timestamp) -> Self {
        Self { amount: payment.kept(), ..self.tried(now) }
    }

    /// The refund as the provider knows it now.
    #[must_use]
    pub fn now(&self, status: RefundStatus, provider_id: Option<String>, now: Timestamp) -> Self {
        let provider_id = provider_id.or_else(|| self.provider_id.clone());
        Self { status, provider_id, updated_at: now, ..self.clone() }
    }

    /// The refund after the provider told of it; nothing when that is old news. A failure is final, also of what had gone through.
    #[must_use]
    pub fn heard(&self, status: RefundStatus, provider_id: &str, now: Timestamp) -> Option<Self> {
        let is_news = match self.status {
            RefundStatus::Requested => true,
            RefundStatus::Pending => status != RefundStatus::Pending,
            RefundStatus::Succeeded => status == RefundStatus::Failed,
            RefundStatus::Failed => false,
        };
        is_news.then(|| self.now(status, Some(provider_id.to_owned()), now))
    }

    /// The refund after the provider failed at it.
    #[must_use]
    pub fn tried(&self, now: Timestamp) -> Self {
        Self { failures: self.failures + 1, updated_at: now, ..self.clone() }
    }

    /// What the provider knows this try by. Giving everything back twice is impossible, so that a new key after a failure is safe.
    #[must_use]
    pub fn provider_key(&self) -> String {
        match self.failures {
            0 => self.id.to_string(),
            failures => format!("{}-{failures}", self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::examples::{at, captured};

    #[test]
    fn a_refund_goes_forward_only_and_a_failure_is_final() {
        use RefundStatus::{Failed, Pending, Requested, Succeeded};
        let table = [
            (Requested, [Some(Pending), Some(Succeeded), Some(Failed)]),
            (Pending, [None, Some(Succeeded), Some(Failed)]),
            (Succeeded, [None, None, Some(Failed)]),
            (Failed, [None, None, None]),
        ];
        for (before, expected) in table {
            let refund = Refund { status: before, ..Refund::closing(&captured(), RefundReason::OrderCancelled, at(5)) };
            let heard =
                [Pending, Succeeded, Failed].map(|told| refund.heard(told, "re_1", at(9)).map(|now| now.status));
            assert_eq!(heard, expected, "{before:?}");
        }
        let requested = Refund::closing(&captured(), RefundReason::OrderCancelled, at(5));
        assert_eq!(requested.now(RefundStatus::Pending, None, at(9)).updated_at, at(9));
        assert_eq!((requested.tried(at(9)).updated_at, requested.tried(at(9)).failures), (at(9), 1));
    }

    #[test]
    fn a_reason_is_logged_under_the_name_that_the_row_has() {
        for reason in [RefundReason::OrderCancelled, RefundReason::Duplicate] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
