//! A table with one order in it, for the tests of whatever changes an order.

use std::cell::{Cell, RefCell};

use api::idempotency::{Claim, Record};
use dynamo::{Key, Row, StoreError};
use kernel::{OrderId, Ulid, ulid_at};

use crate::domain::{Order, OrderEvent, OrderStatus, Transition};
use crate::handlers::cancel_order::LoadCancellation;
use crate::handlers::get_order::FindOrder;
use crate::handlers::transition::{Announcing, LoadOrder, Once, SaveTransition, Saved};

pub(crate) struct OneOrder {
    row: RefCell<Row<Order>>,
    /// What becomes of the order just before the first attempt to save.
    meanwhile: Cell<Option<Order>>,
    record: Option<Row<Record>>,
    pub(crate) events: RefCell<Vec<OrderEvent>>,
}

impl OneOrder {
    pub(crate) fn new(order: Order) -> Self {
        let row = Row::new(Key::new("ORDER", "ORDER"), order);
        Self { row: RefCell::new(row), meanwhile: Cell::new(None), record: None, events: RefCell::new(Vec::new()) }
    }

    /// Somebody else is faster, and this is what the order is then.
    pub(crate) fn becoming(self, order: Order) -> Self {
        self.meanwhile.set(Some(order));
        self
    }

    /// The request's key was used before, with another body.
    pub(crate) fn with_used_key(self) -> Self {
        Self { record: Some(other_record()), ..self }
    }

    pub(crate) fn order(&self) -> Order {
        self.row.borrow().body.clone()
    }

    pub(crate) fn status(&self) -> OrderStatus {
        self.order().status
    }

    fn found(&self, id: OrderId) -> Option<Row<Order>> {
        let row = self.row.borrow();
        (row.body.id == id).then(|| row.clone())
    }
}

impl FindOrder for OneOrder {
    async fn find_order(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        Ok(self.found(id).map(|row| row.body))
    }
}

impl LoadOrder for OneOrder {
    async fn load_order(&self, id: OrderId) -> Result<Option<Row<Order>>, StoreError> {
        Ok(self.found(id))
    }
}

impl LoadCancellation for OneOrder {
    async fn load_cancellation(
        &self,
        id: OrderId,
        _: &Claim,
    ) -> Result<(Option<Row<Order>>, Option<Row<Record>>), StoreError> {
        Ok((self.found(id), self.record.clone()))
    }
}

impl SaveTransition for OneOrder {
    async fn save_transition(
        &self,
        before: &Row<Order>,
        (after, events): Transition,
        _: Once<'_>,
        _: &Announcing,
    ) -> Result<Saved, StoreError> {
        let mut row = self.row.borrow_mut();
        if let Some(order) = self.meanwhile.take() {
            *row = Row { version: row.version + 1, body: order, ..row.clone() };
        }
        if row.version != before.version {
            return Ok(Saved::Raced);
        }
        *row = Row { version: row.version + 1, body: after, ..row.clone() };
        self.events.borrow_mut().extend(events);
        Ok(Saved::Done)
    }
}

pub(crate) fn new_id() -> Ulid {
    ulid_at(testkit::now(), 9 << 40)
}

/// An answer that was given to another request under the same key.
pub(crate) fn other_record() -> Row<Record> {
    let record = serde_json::json!({
        "fingerprint": "of another body", "status": 201, "headers": [], "body": "{}",
        "expires_at": testkit::now().plus_seconds(60).epoch_seconds(),
    });
    Row::new(Key::new("IDEM#", "IDEM"), serde_json::from_value(record).unwrap())
}
