use dynamo::{Change, Condition, StoreError, WriteError, WriteSet};
use kernel::OrderId;

use crate::domain::{Hold, Outcome};
use crate::handlers::settlement::{Delivery, LoadHold, SettleHold, Unsettled};
use crate::store::{Catalog, keys};

impl LoadHold for Catalog {
    async fn load_hold(&self, order: OrderId) -> Result<Option<Hold>, StoreError> {
        Ok(self.table.get(keys::hold(order)).await?.map(|row| row.body))
    }
}

impl SettleHold for Catalog {
    async fn settle_hold(
        &self,
        hold: &Hold,
        outcome: Outcome,
        delivery: Delivery,
    ) -> Result<(), WriteError<Unsettled>> {
        let gone = Change::delete(&self.table, keys::hold(hold.order_id), Condition::Exists);
        let seen = queue::seen(&self.table, delivery.consumer, delivery.event, delivery.now);
        let mut set = WriteSet::new().with(gone, Unsettled::AlreadyDone).with(seen, Unsettled::AlreadyDone);
        for (sku, movement) in hold.settle(outcome) {
            set.push(self.move_stock(sku, movement), Unsettled::StockMissing(sku.clone()));
        }
        set.commit().await
    }
}
