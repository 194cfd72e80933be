use kernel::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far the order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Stock is reserved, and the shopper is expected to pay.
    PendingPayment,
    /// Paid for, or costs nothing: it will be shipped.
    Confirmed,
    /// Closed without being shipped.
    Cancelled,
    /// Shipped, and nothing is left to do.
    Completed,
}

impl OrderStatus {
    /// Whether nothing is left to be paid, sent or given back: only then may the order forget where it went.
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::PendingPayment | Self::Confirmed => false,
            Self::Cancelled | Self::Completed => true,
        }
    }
}

/// What has been paid of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "OrderPaymentStatus")]
pub enum PaymentStatus {
    Unpaid,
    Authorized,
    Paid,
    PartiallyRefunded,
    Refunded,
    /// The order was closed before anything was paid.
    Voided,
}

/// What has been sent of the order, and what has come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FulfillmentStatus {
    Unfulfilled,
    PartiallyFulfilled,
    Fulfilled,
    Delivered,
    PartiallyReturned,
    Returned,
}

impl PaymentStatus {
    /// Folded from what was captured; never set by hand.
    #[must_use]
    pub fn of(status: OrderStatus, total: Money, captured: Money) -> Self {
        match status {
            _ if !captured.is_zero() => Self::Paid,
            OrderStatus::Cancelled => Self::Voided,
            OrderStatus::PendingPayment => Self::Unpaid,
            OrderStatus::Confirmed | OrderStatus::Completed if total.is_zero() => Self::Paid,
            OrderStatus::Confirmed | OrderStatus::Completed => Self::Unpaid,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::Currency;

    use super::*;

    #[test]
    fn what_was_paid_follows_from_what_was_captured() {
        let eur = |amount| Money::new(amount, Currency::EUR);
        for (status, total, captured, expected) in [
            (OrderStatus::PendingPayment, 100, 0, PaymentStatus::Unpaid),
            (OrderStatus::Confirmed, 100, 100, PaymentStatus::Paid),
            (OrderStatus::Confirmed, 0, 0, PaymentStatus::Paid),
            (OrderStatus::Completed, 100, 0, PaymentStatus::Unpaid),
            (OrderStatus::Cancelled, 100, 0, PaymentStatus::Voided),
        ] {
            assert_eq!(PaymentStatus::of(status, eur(total), eur(captured)), expected, "{status:?}");
        }
    }
}
