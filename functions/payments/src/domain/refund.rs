use kernel::{Money, OrderId, PaymentId, RefundId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::Payment;

/// How far a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// Money on its way back to the shopper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub id: RefundId,
    pub payment_id: PaymentId,
    pub order_id: OrderId,
    pub amount: Money,
    pub reason: String,
    pub status: RefundStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Refund {
    /// The id of the refund that a payment gets when its order is closed: one per payment, so that everybody who finds money of a
    /// closed order means the same refund.
    #[must_use]
    pub fn closing_id(payment: PaymentId) -> RefundId {
        RefundId::new(payment.ulid())
    }

    /// Everything that is still kept of a payment whose order is closed.
    #[must_use]
    pub fn closing(payment: &Payment, now: Timestamp) -> Self {
        Self {
            id: Self::closing_id(payment.id),
            payment_id: payment.id,
            order_id: payment.order_id,
            amount: payment.kept(),
            reason: "order_cancelled".to_owned(),
            status: RefundStatus::Requested,
            provider_id: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The refund as the provider knows it now.
    #[must_use]
    pub fn now(&self, status: RefundStatus, provider_id: Option<String>, now: Timestamp) -> Self {
        let provider_id = provider_id.or_else(|| self.provider_id.clone());
        Self { status, provider_id, updated_at: now, ..self.clone() }
    }
}
