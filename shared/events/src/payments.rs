use kernel::{Money, OrderId, PaymentId, RefundId};
use serde::{Deserialize, Serialize};

use crate::Event;

/// The provider has the shopper's money for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentCaptured {
    pub payment_id: PaymentId,
    pub order_id: OrderId,
    pub amount: Money,
}

impl Event for PaymentCaptured {
    const SOURCE: &'static str = "souk.payments";
    const DETAIL_TYPE: &'static str = "PaymentCaptured.v1";

    fn subject(&self) -> String {
        self.payment_id.to_string()
    }
}

/// An attempt to pay did not succeed; the shopper may try again while the order is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentFailed {
    pub payment_id: PaymentId,
    pub order_id: OrderId,
    /// The provider's word for why: `card_declined`.
    pub code: String,
}

impl Event for PaymentFailed {
    const SOURCE: &'static str = "souk.payments";
    const DETAIL_TYPE: &'static str = "PaymentFailed.v1";

    fn subject(&self) -> String {
        self.payment_id.to_string()
    }
}

/// Money went back to the shopper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRefunded {
    pub refund_id: RefundId,
    pub payment_id: PaymentId,
    pub order_id: OrderId,
    pub amount: Money,
}

impl Event for PaymentRefunded {
    const SOURCE: &'static str = "souk.payments";
    const DETAIL_TYPE: &'static str = "PaymentRefunded.v1";

    fn subject(&self) -> String {
        self.payment_id.to_string()
    }
}
