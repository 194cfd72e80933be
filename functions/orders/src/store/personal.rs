//! What is kept about people, for those who leave and those who ask.

use api::idempotency;
use dynamo::{Query, Row, StoreError, Table};
use events::UserExportRequested;
use kernel::{Email, OrderId, Timestamp, UserId};
use privacy::{Collect, Tombstone, erase, erase_listed};
use serde_json::{Value, json};

use crate::domain::Order;
use crate::handlers::on_user_deleted::{EraseBelongings, FindOrdersOf, LeaveTombstone};
use crate::handlers::on_user_updated::EraseAnswers;
use crate::store::{Orders, keys};

impl LeaveTombstone for Orders {
    async fn leave_tombstone(&self, user: &UserId, at: Timestamp) -> Result<(), StoreError> {
        Tombstone::put(&self.table, user, at).await
    }
}

impl FindOrdersOf for Orders {
    async fn find_orders_of(&self, user: &UserId, email: Option<&Email>) -> Result<Vec<OrderId>, StoreError> {
        let mut ids = Vec::new();
        for index in [keys::user_index(user)].into_iter().chain(email.map(keys::guest_index)) {
            ids.extend(self.orders_at(index).await?.into_iter().map(|row| row.body.id));
        }
        Ok(ids)
    }
}

impl EraseBelongings for Orders {
    async fn erase_belongings(&self, user: &UserId, email: Option<&Email>) -> Result<(), StoreError> {
        if let Some(email) = email {
            self.erase_answers(email).await?;
        }
        erase_listed(&self.table, user).await.map(|_| ())
    }
}

impl EraseAnswers for Orders {
    async fn erase_answers(&self, email: &Email) -> Result<(), StoreError> {
        for item in self.table.all_items(idempotency::answers_to_guest(email)).await? {
            erase(&self.table, Table::key_of(&item)).await?;
        }
        Ok(())
    }
}

impl Collect for Orders {
    async fn collect(&self, asked: &UserExportRequested) -> Result<Value, StoreError> {
        let orders = self.orders_at(keys::user_index(&asked.user_id)).await?.into_iter().map(|row| row.body);
        let orders: Vec<Value> = orders.map(|order| shown(order, &asked.user_id)).collect();
        Ok(json!({ "orders": orders }))
    }
}

impl Orders {
    async fn orders_at(&self, index: String) -> Result<Vec<Row<Order>>, StoreError> {
        let items = self.table.all_items(Query::index(index)).await?;
        items.into_iter().map(Table::decode).collect()
    }
}

/// All of an order for whoever may see it; of one that somebody placed with their address, what their account shows.
fn shown(order: Order, to: &UserId) -> Value {
    if order.is_shown_to(to) { json!(order) } else { json!({ "number": order.number, "status": order.status }) }
}
