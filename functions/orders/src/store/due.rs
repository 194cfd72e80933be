//! Which orders were to be paid by now.

use std::collections::HashMap;

use dynamo::{Change, Condition, Entity as _, Query, Row, StoreError, Table, WriteError, WriteSet};
use kernel::{OrderId, Timestamp};

use crate::domain::{Order, OrderStatus};
use crate::handlers::expire_orders::{DuePage, ForgetDue, ListDue};
use crate::store::rows::DueRow;
use crate::store::{Orders, keys};

impl Orders {
    /// The row that lists a new order as due; none for one that awaits nothing.
    pub(crate) fn due_row(order: &Order) -> Option<Row<DueRow>> {
        let Order { id, expires_at, .. } = *order;
        let row = Row::new(keys::due(id), DueRow { order_id: id, expires_at });
        let listed = row.indexed(keys::due_index(keys::due_shard(id)), keys::due_place(expires_at, id));
        (order.status == OrderStatus::PendingPayment).then_some(listed)
    }

    /// Takes an order off the list, if it is there: one that an earlier release placed is not.
    pub(crate) fn not_due(&self, id: OrderId) -> Change {
        let what_may_go = Condition::equals("type", DueRow::TYPE);
        Change::delete(&self.table, keys::due(id), Condition::Absent.or(what_may_go))
    }
}

impl ListDue for Orders {
    fn shards(&self) -> u8 {
        keys::DUE_SHARDS
    }

    async fn list_due(
        &self,
        shard: u8,
        now: Timestamp,
        after: Option<HashMap<String, String>>,
    ) -> Result<DuePage, StoreError> {
        let query = Query::index(keys::due_index(shard)).up_to(keys::due_until(now)).after(after);
        let (items, next) = self.table.query_items(query).await?;
        // Each on its own: a row that does not decode must not hide those behind it.
        let orders = items.into_iter().map(|item| Ok(Table::decode::<DueRow>(item)?.body.order_id)).collect();
        Ok(DuePage { orders, next })
    }
}

impl ForgetDue for Orders {
    async fn forget_due(&self, id: OrderId) -> Result<(), StoreError> {
        match WriteSet::new().with(self.not_due(id), ()).commit().await {
            Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples;

    #[test]
    fn an_order_that_awaits_its_payment_is_listed_by_the_time_it_is_due() {
        let order = samples::pending();
        let row = Orders::due_row(&order).unwrap();
        let index = row.index.unwrap();
        assert_eq!(index.gsi1pk, format!("DUE#{}", keys::due_shard(order.id)));
        assert_eq!(index.gsi1sk, format!("{}#{}", order.expires_at, order.id));
    }

    #[test]
    fn an_order_that_is_confirmed_at_once_is_never_due() {
        assert_eq!(Orders::due_row(&samples::free()), None);
    }
}
