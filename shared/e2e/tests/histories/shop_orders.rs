//! The tables of orders and catalog, as their handlers use them.

use std::collections::HashMap;

use api::idempotency::{Claim, Record};
use catalog::domain::{Hold, Movement, Outcome};
use catalog::handlers::settlement::{Delivery, LoadHold, SettleHold, Unsettled};
use dynamo::{Key, Row, StoreError, WriteError};
use kernel::{OrderId, Timestamp};
use orders::domain::{Draft, Order, OrderStatus, Transition};
use orders::handlers::cancel_order::LoadCancellation;
use orders::handlers::expire_order::{NotSent, SendLater};
use orders::handlers::expire_orders::{DuePage, ForgetDue, ListDue};
use orders::handlers::transition::{Announcing, LoadOrder, Once, SaveTransition, Saved};

use crate::bag::Message;
use crate::goods::{placing, units};
use crate::world::{State, World, next};

impl State {
    /// The one transaction of placing: order, stock, hold and event, or nothing when there is too little.
    pub(crate) fn place(&mut self, draft: &Draft) -> Option<OrderId> {
        let mut stock = self.stock.clone();
        for (sku, units) in units(draft) {
            let after = stock[&sku].after(Movement::Reserve(units))?;
            stock.insert(sku, after);
            self.coverage.movement(Movement::Reserve(units));
        }
        self.stock = stock;
        let (order, events) = Order::place(draft.clone(), placing());
        let (id, expires_at) = (order.id, order.expires_at);
        self.coverage.placed(order.status);
        self.holds.insert(id, Hold { order_id: id, lines: units(draft), expires_at });
        self.orders.insert(id, Row::new(Key::new(format!("ORDER#{id}"), "ORDER"), order));
        events.into_iter().for_each(|event| self.announce(event));
        Some(id)
    }
}

impl LoadOrder for World {
    async fn load_order(&self, id: OrderId) -> Result<Option<Row<Order>>, StoreError> {
        let mut state = self.call().await;
        let found = state.orders.get(&id).cloned();
        state.coverage.order(self.asks, found.as_ref().map(|row| &row.body));
        Ok(found)
    }
}

impl LoadCancellation for World {
    async fn load_cancellation(
        &self,
        id: OrderId,
        claim: &Claim,
    ) -> Result<(Option<Row<Order>>, Option<Row<Record>>), StoreError> {
        let mut state = self.call().await;
        let (found, record) = (state.orders.get(&id).cloned(), state.record(claim));
        if record.is_none() {
            state.coverage.order(self.asks, found.as_ref().map(|row| &row.body));
        }
        Ok((found, record))
    }
}

impl SaveTransition for World {
    async fn save_transition(
        &self,
        before: &Row<Order>,
        (after, events): Transition,
        once: Once<'_>,
        announcing: &Announcing,
    ) -> Result<Saved, StoreError> {
        let mut state = self.call().await;
        let id = after.id;
        let again = match once {
            Once::State => false,
            Once::Event { consumer, id } => state.seen.contains(&(consumer_name(consumer), id)),
            Once::Request { claim, .. } => state.record(claim).is_some(),
        };
        if again || state.orders[&id].version != before.version {
            return Ok(Saved::Raced);
        }
        match once {
            Once::State => {}
            Once::Event { consumer, id } => {
                state.seen.insert((consumer_name(consumer), id));
            }
            Once::Request { claim, response } => {
                let record = claim.answered(response, announcing.at);
                state.keep(claim, record);
            }
        }
        state.note(format_args!("    {id} becomes {:?}", after.status));
        let after = next(before, after);
        state.orders.insert(id, after);
        events.into_iter().for_each(|event| state.announce(event));
        Ok(Saved::Done)
    }
}

fn consumer_name(name: &str) -> &'static str {
    assert_eq!(name, orders::handlers::on_payment_captured::CONSUMER);
    orders::handlers::on_payment_captured::CONSUMER
}

impl SendLater for World {
    async fn send_later(&self, body: &str, _: i32) -> Result<(), NotSent> {
        self.call().await.bag.push(Message::Expiry(body.to_owned()));
        Ok(())
    }
}

impl ListDue for World {
    fn shards(&self) -> u8 {
        1
    }

    async fn list_due(&self, _: u8, now: Timestamp, _: Option<HashMap<String, String>>) -> Result<DuePage, StoreError> {
        let state = self.call().await;
        let due = |order: &Order| {
            let until = order.placed_at.plus_seconds(crate::goods::WINDOW_SECONDS);
            order.status == OrderStatus::PendingPayment && until <= now
        };
        let orders = state.orders.values().filter(|row| due(&row.body)).map(|row| Ok(row.body.id)).collect();
        Ok(DuePage { orders, next: None })
    }
}

impl ForgetDue for World {
    async fn forget_due(&self, _: OrderId) -> Result<(), StoreError> {
        Ok(())
    }
}

impl LoadHold for World {
    async fn load_hold(&self, order: OrderId) -> Result<Option<Hold>, StoreError> {
        Ok(self.call().await.holds.get(&order).cloned())
    }
}

impl SettleHold for World {
    async fn settle_hold(
        &self,
        hold: &Hold,
        outcome: Outcome,
        delivery: Delivery,
    ) -> Result<(), WriteError<Unsettled>> {
        let mut state = self.call().await;
        if !state.holds.contains_key(&hold.order_id) || state.seen.contains(&(delivery.consumer, delivery.event)) {
            return Err(WriteError::Refused(vec![Unsettled::AlreadyDone]));
        }
        let mut stock = state.stock.clone();
        for (sku, movement) in hold.settle(outcome) {
            let Some(after) = stock[sku].after(movement) else {
                return Err(WriteError::Refused(vec![Unsettled::StockMissing(sku.clone())]));
            };
            stock.insert(sku.clone(), after);
            state.coverage.movement(movement);
        }
        state.stock = stock;
        state.holds.remove(&hold.order_id);
        state.seen.insert((delivery.consumer, delivery.event));
        Ok(())
    }
}
