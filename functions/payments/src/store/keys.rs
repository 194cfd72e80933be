//! The only place that writes the payments' keys.
//!
//! | row | pk | sk | gsi1pk | gsi1sk |
//! | --- | --- | --- | --- | --- |
//! | payment | `PAYMENT#<id>` | `PAYMENT` | `ORDER#<order id>` | payment's ULID |
//! | refund | `PAYMENT#<payment id>` | `REFUND#<id>` | | |
//! | provider's event that was handled | `STRIPE_EVENT#<event id>` | `STRIPE_EVENT` | | |
//!
//! Beside them: idempotency records (`IDEM#…`), outbox rows (`OUTBOX#…`) and the sweep's mark (`SWEPT`).
//!
//! | access pattern | how |
//! | --- | --- |
//! | a payment | get |
//! | an order with an idempotency record | batch get over both tables |
//! | what a webhook needs: payment, its closing refund, the event's mark, the order | batch get over both tables |
//! | the payments of an order | query `gsi1pk = ORDER#<order id>`, then batch get |

use dynamo::Key;
use kernel::{OrderId, PaymentId, RefundId};

pub(crate) fn payment(id: PaymentId) -> Key {
    Key::new(format!("PAYMENT#{id}"), "PAYMENT")
}

pub(crate) fn refund(payment: PaymentId, id: RefundId) -> Key {
    Key::new(format!("PAYMENT#{payment}"), format!("REFUND#{id}"))
}

pub(crate) fn stripe_event(id: &str) -> Key {
    Key::new(format!("STRIPE_EVENT#{id}"), "STRIPE_EVENT")
}

pub(crate) fn order_index(order: OrderId) -> String {
    format!("ORDER#{order}")
}
