//! The only place that writes the orders' keys.
//!
//! | row | pk | sk | gsi1pk | gsi1sk |
//! | --- | --- | --- | --- | --- |
//! | order | `ORDER#<id>` | `ORDER` | `USER#<user id>`; `GUEST#<address>` for a guest's until an account lists it | ULID of the order |
//! | account | `USER#<user id>` | `ACCOUNT` | `PERSON#<user id>` | pk and sk |
//! | address of an account | `EMAIL#<address>` | `ACCOUNT` | `PERSON#<user id>` | pk and sk |
//! | due, while the order awaits its payment | `ORDER#<id>` | `DUE` | `DUE#<shard 0 to 3>` | `<expires_at when placed>#<order id>` |
//! | order number | `NUMBER#<number>` | `NUMBER` | | |
//! | tax rates | `SHOP` | `TAX_RATES` | | |
//! | shipping zones | `SHOP` | `SHIPPING_ZONES` | | |
//! | answered request | `IDEM#<hash>` | `IDEM` | `PERSON#<user id>`; `ANSWERS#<address>` for guests | pk and sk; pk |
//! | handled event | `SEEN#<event id>` | consumer | | |
//! | event to send | `OUTBOX#<hour>#<shard>` | event id | | |
//! | tombstone | `TOMBSTONE#<user id>` | `TOMBSTONE` | | |
//! | audit entry | `AUDIT#<subject>` | `<time>#<ulid>` | | |
//!
//! | access pattern | how |
//! | --- | --- |
//! | an order | get `ORDER#<id>` |
//! | a shopper's orders and those of guests that the account lists, the newest first | query `gsi1pk = USER#<user id>` backwards |
//! | guests' orders that no account lists | query `gsi1pk = GUEST#<address>` |
//! | whose an address is | get `EMAIL#<address>` / `ACCOUNT`, then the account |
//! | answers that were given to a shopper, or a guest | query `gsi1pk = PERSON#<user id>`, or `ANSWERS#<address>` |
//! | orders that were to be paid by now | query `gsi1pk = DUE#<shard>` up to `<now>#~`, for each shard |
//! | one order a number | create `NUMBER#<number>`, refused if it is there |
//! | what prices depend on | batch get `SHOP` / `TAX_RATES` and `SHIPPING_ZONES`, with the offers of a cart |

use dynamo::Key;
use kernel::{Email, OrderId, Timestamp, UserId};

use crate::domain::OrderNumber;

pub(crate) fn order(id: OrderId) -> Key {
    Key::new(format!("ORDER#{id}"), "ORDER")
}

/// Partitions that the due orders are spread over, so that no one of them limits placing.
pub(crate) const DUE_SHARDS: u8 = 4;

pub(crate) fn due(id: OrderId) -> Key {
    Key::new(format!("ORDER#{id}"), "DUE")
}

pub(crate) fn due_index(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// The partition of the index that lists `id`.
pub(crate) fn due_shard(id: OrderId) -> u8 {
    let shard = id.ulid().0 % u128::from(DUE_SHARDS);
    u8::try_from(shard).expect("the remainder is smaller than the number of shards")
}

pub(crate) fn due_place(expires_at: Timestamp, id: OrderId) -> String {
    format!("{expires_at}#{id}")
}

/// The last place of the orders that are due at `now`: `~` sorts behind all ids.
pub(crate) fn due_until(now: Timestamp) -> String {
    format!("{now}#~")
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

/// The guests' orders with an address that no account lists.
pub(crate) fn guest_index(email: &Email) -> String {
    format!("GUEST#{email}")
}

/// Somebody with an account.
pub(crate) fn account(user: &UserId) -> Key {
    Key::new(format!("USER#{user}"), "ACCOUNT")
}

/// Whose account an address is.
pub(crate) fn address(email: &Email) -> Key {
    Key::new(format!("EMAIL#{email}"), "ACCOUNT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples;

    #[test]
    fn an_order_is_due_from_its_time_on_and_not_a_millisecond_before() {
        let order = samples::pending();
        let place = due_place(order.expires_at, order.id);
        let before = Timestamp::from_epoch_millis(order.expires_at.epoch_millis() - 1);
        assert!(place <= due_until(order.expires_at));
        assert!(place > due_until(before));
    }

    #[test]
    fn orders_are_spread_over_all_shards() {
        let id = |n| OrderId::new(kernel::ulid_at(testkit::now(), n));
        let shards: std::collections::BTreeSet<u8> = (0..8).map(|n| due_shard(id(n))).collect();
        assert_eq!(shards, (0..DUE_SHARDS).collect());
    }
}
