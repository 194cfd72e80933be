use std::collections::HashMap;

use dynamo::{BatchGet, Change, Condition, Key, Page, Query, Row, StoreError, Table, WriteSet};
use kernel::{OrderId, Timestamp, UserId};

use crate::domain::{Order, OrderEvent, OrderStatus};
use crate::handlers::get_order::FindOrder;
use crate::handlers::list_orders::ListOrders;
use crate::store::keys;

/// The orders' table.
#[derive(Debug, Clone)]
pub struct Orders {
    pub(crate) table: Table,
}

/// The order is paid or closed: nothing about its payment can change any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderClosed;

impl Orders {
    /// The table that `ORDERS_TABLE` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self { table: Table::from_env("ORDERS_TABLE").await? })
    }

    /// The table itself, for what this service tells others.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Where an order is, for reading it together with the caller's own rows.
    #[must_use]
    pub fn order_key(&self, id: OrderId) -> (&Table, Key) {
        (&self.table, keys::order(id))
    }

    /// The order among what was read.
    ///
    /// # Errors
    /// When the row does not decode.
    pub fn take_order(&self, batch: &mut BatchGet, id: OrderId) -> Result<Option<Order>, StoreError> {
        Ok(batch.take(&self.table, &keys::order(id))?.map(|row| row.body))
    }

    /// Holds an order open at least `until`; never less long than `order` was when it was read. Refused once it is paid or closed.
    pub fn extend_expiry(&self, order: &Order, until: Timestamp) -> WriteSet<OrderClosed> {
        let change = Change::update(&self.table, keys::order(order.id))
            .set("expires_at", until.max(order.expires_at))
            .when(Condition::equals("status", OrderStatus::PendingPayment));
        WriteSet::new().with(change, OrderClosed)
    }

    /// A placed order's row. Each event of an order has a number of its own, so its versions begin at the last of those told of placing.
    pub(crate) fn first_row(order: &Order, told: &[OrderEvent]) -> Row<Order> {
        let version = u64::try_from(told.len()).expect("placing tells two events at most");
        let row = Row { version, ..Row::new(keys::order(order.id), order.clone()) };
        match &order.user_id {
            Some(user) => row.indexed(keys::user_index(user), order.id.ulid().to_string()),
            None => row.indexed(keys::guest_index(&order.email), order.id.ulid().to_string()),
        }
    }
}

impl FindOrder for Orders {
    async fn find_order(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        Ok(self.table.get(keys::order(id)).await?.map(|row| row.body))
    }
}

impl ListOrders for Orders {
    fn partition(&self, user: &UserId) -> String {
        keys::user_index(user)
    }

    async fn list_orders(
        &self,
        user: &UserId,
        limit: u16,
        position: Option<HashMap<String, String>>,
    ) -> Result<Page<Order>, StoreError> {
        self.table.query(Query::index(keys::user_index(user)).descending().limit(limit).after(position)).await
    }
}

#[cfg(test)]
mod tests {
    use dynamo::AttributeValue;

    use super::*;
    use crate::domain::samples;

    fn stored(order: &Order) -> dynamo::Item {
        match dynamo::value(Orders::first_row(order, &[])) {
            AttributeValue::M(item) => item,
            other => panic!("a row is an item, not {other:?}"),
        }
    }

    #[test]
    fn an_order_is_read_as_it_was_written() {
        for order in [samples::pending(), samples::free()] {
            let row: Row<Order> = Table::decode(stored(&order)).unwrap();
            assert_eq!(row.body, order);
        }
    }

    #[test]
    fn versions_begin_at_the_last_event_of_placing() {
        for (draft, version) in [(samples::draft(), 1), (samples::free_draft(), 2)] {
            let (order, events) = Order::place(draft, samples::placing());
            assert_eq!(Orders::first_row(&order, &events).version, version);
        }
    }

    #[test]
    fn fields_of_a_later_release_are_passed_over() {
        let mut item = stored(&samples::pending());
        item.insert("gift_wrap".to_owned(), AttributeValue::Bool(true));
        assert!(Table::decode::<Order>(item).is_ok());
    }

    #[test]
    fn a_shopper_s_order_is_found_by_shopper_and_a_guest_s_by_address() {
        let guest = samples::pending();
        assert_eq!(stored(&guest)["gsi1pk"], AttributeValue::S(format!("GUEST#{}", guest.email)));
        let shopper = Order { user_id: Some(samples::user_id()), ..guest };
        assert_eq!(stored(&shopper)["gsi1pk"], AttributeValue::S(format!("USER#{}", samples::user_id())));
    }
}
