//! The only place that writes the orders' keys.
//!
//! | row | pk | sk | gsi1pk | gsi1sk |
//! | --- | --- | --- | --- | --- |
//! | order | `ORDER#<id>` | `ORDER` | `USER#<user id>`, not for guests | ULID of the order |
//! | order number | `NUMBER#<number>` | `NUMBER` | | |
//! | tax rates | `SHOP` | `TAX_RATES` | | |
//! | shipping zones | `SHOP` | `SHIPPING_ZONES` | | |
//! | answered request | `IDEM#<hash>` | `IDEM` | | |
//! | handled event | `SEEN#<event id>` | consumer | | |
//! | event to send | `OUTBOX#<hour>#<shard>` | event id | | |
//! | audit entry | `AUDIT#<subject>` | `<time>#<ulid>` | | |
//!
//! | access pattern | how |
//! | --- | --- |
//! | an order | get `ORDER#<id>` |
//! | a shopper's orders, the newest first | query `gsi1pk = USER#<user id>` backwards |
//! | one order a number | create `NUMBER#<number>`, refused if it is there |
//! | what prices depend on | batch get `SHOP` / `TAX_RATES` and `SHIPPING_ZONES`, with the offers of a cart |

use dynamo::Key;
use kernel::{OrderId, UserId};

use crate::domain::OrderNumber;

pub(crate) fn order(id: OrderId) -> Key {
    Key::new(format!("ORDER#{id}"), "ORDER")
}

pub(crate) fn number(number: &OrderNumber) -> Key {
    Key::new(format!("NUMBER#{number}"), "NUMBER")
}

pub(crate) fn tax_rates() -> Key {
    Key::new("SHOP", "TAX_RATES")
}

pub(crate) fn shipping_zones() -> Key {
    Key::new("SHOP", "SHIPPING_ZONES")
}

pub(crate) fn user_index(user: &UserId) -> String {
    format!("USER#{user}")
}
