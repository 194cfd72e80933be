//! The only place that writes the payments' keys.
//!
//! | row | pk | sk | gsi1pk | gsi1sk |
//! | --- | --- | --- | --- | --- |
//! | payment | `PAYMENT#<id>` | `PAYMENT` | `ORDER#<order id>` | payment's ULID |
//! | a shopper's payment | `PAYMENT#<id>` | `OWNER` | `PERSON#<user id>` | pk and sk |
//! | attempts | `ORDER#<order id>` | `ATTEMPTS` | `UNSETTLED#<shard 0 to 3>`, while unsettled | `<looked at>#<order id>` |
//! | refund | `PAYMENT#<payment id>` | `REFUND#<id>` | | |
//! | provider's event that was handled | `STRIPE_EVENT#<event id>` | `STRIPE_EVENT` | | |
//!
//! Beside them: tombstones (`TOMBSTONE#<user id>`), idempotency records (`IDEM#…`, in the index under `PERSON#<user id>`), outbox rows (`OUTBOX#…`) and the sweep's mark (`SWEPT`).
//!
//! | access pattern | how |
//! | --- | --- |
//! | a payment | get |
//! | an order with its attempts and an idempotency record | batch get over both tables |
//! | what a webhook needs: payment, its closing refund, the attempts, the event's mark, the order | batch get over both tables |
//! | what closing a payment needs: payment, its closing refund, the attempts | batch get |
//! | the payments of an order | get its attempts, and query `gsi1pk = ORDER#<order id>` for older payments |
//! | what is kept about a shopper | query `gsi1pk = PERSON#<user id>`, then get each payment |
//! | the orders whose money nobody has looked at since a time | query `gsi1pk = UNSETTLED#<shard>`, `gsi1sk` up to that time |

use dynamo::Key;
use kernel::{OrderId, PaymentId, RefundId, Timestamp};

use crate::handlers::reconcile::SHARDS;

pub(crate) fn payment(id: PaymentId) -> Key {
    Key::new(format!("PAYMENT#{id}"), "PAYMENT")
}

pub(crate) fn owner(id: PaymentId) -> Key {
    Key::new(format!("PAYMENT#{id}"), "OWNER")
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

pub(crate) fn attempts(order: OrderId) -> Key {
    Key::new(format!("ORDER#{order}"), "ATTEMPTS")
}

/// Which part of the unsettled orders an order belongs to.
pub(crate) fn shard(order: OrderId) -> u8 {
    u8::try_from(order.ulid().0 % u128::from(SHARDS)).unwrap_or_default()
}

pub(crate) fn unsettled(shard: u8) -> String {
    format!("UNSETTLED#{shard}")
}

pub(crate) fn looked_at(time: Timestamp, order: OrderId) -> String {
    format!("{time}#{order}")
}

/// Comes after every order that was looked at until `time`.
pub(crate) fn looked_at_until(time: Timestamp) -> String {
    format!("{time}~")
}
