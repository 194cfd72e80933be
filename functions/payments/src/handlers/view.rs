use api::Response;
use kernel::{Money, OrderId, PaymentId, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{ClientSecret, Failure, Payment, PaymentStatus, Provider};

/// A payment as the shopper sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Payment")]
pub struct PaymentView {
    id: PaymentId,
    order_id: OrderId,
    provider: Provider,
    status: PaymentStatus,
    amount: Money,
    refunded: Money,
    /// What the browser finishes the payment with, while it can be finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<ClientSecret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
    created_at: Timestamp,
}

impl PaymentView {
    /// 201 with the payment as it is.
    #[must_use]
    pub fn created(payment: &Payment) -> Response {
        Response::created(&format!("/payments/{}", payment.id), &Self::of(payment))
    }

    #[must_use]
    pub fn of(payment: &Payment) -> Self {
        Self {
            id: payment.id,
            order_id: payment.order_id,
            provider: payment.provider,
            status: payment.status,
            amount: payment.amount,
            refunded: payment.refunded,
            client_secret: payment.client_secret.clone().filter(|_| payment.awaits_shopper()),
            failure: payment.failure.clone(),
            created_at: payment.created_at,
        }
    }
}
