//! Tables with orders in them, for the tests of whatever changes an order.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use api::idempotency::{Claim, Record};
use dynamo::{Key, Page, Row, StoreError};
use kernel::{Email, OrderId, Timestamp, Ulid, UserId, ulid_at};

use crate::domain::{Account, ListedFor, Order, OrderEvent, OrderStatus, Transition};
use crate::handlers::accounts::{FindGuestOrders, Known, ListOrder, LoadAccount, ReleaseAddress, SaveAccount};
use crate::handlers::cancel_order::LoadCancellation;
use crate::handlers::get_order::FindOrder;
use crate::handlers::on_order_placed::FindAccount;
use crate::handlers::on_user_deleted::{EraseBelongings, FindOrdersOf, LeaveTombstone};
use crate::handlers::on_user_updated::EraseAnswers;
use crate::handlers::transition::{Announcing, LoadOrder, Once, SaveTransition, Saved};

pub(crate) struct OneOrder {
    row: RefCell<Row<Order>>,
    /// What becomes of the order just before the first attempt to save.
    meanwhile: Cell<Option<Order>>,
    record: Option<Row<Record>>,
    /// Of whoever leaves.
    account: RefCell<Option<Account>>,
    pub(crate) events: RefCell<Vec<OrderEvent>>,
}

impl OneOrder {
    pub(crate) fn new(order: Order) -> Self {
        let row = Row::new(Key::new("ORDER", "ORDER"), order);
        Self {
            row: RefCell::new(row),
            meanwhile: Cell::new(None),
            record: None,
            account: RefCell::default(),
            events: RefCell::default(),
        }
    }

    /// Somebody else is faster, and this is what the order is then.
    pub(crate) fn becoming(self, order: Order) -> Self {
        self.meanwhile.set(Some(order));
        self
    }

    pub(crate) fn knowing(self, account: Account) -> Self {
        self.account.replace(Some(account));
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

impl LeaveTombstone for OneOrder {
    async fn leave_tombstone(&self, _: &UserId, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }
}

impl LoadAccount for OneOrder {
    async fn load_account(&self, _: &UserId) -> Result<Option<Account>, StoreError> {
        Ok(self.account.borrow().clone())
    }
}

impl FindOrdersOf for OneOrder {
    /// The index is behind: it lists the order, whosever it is.
    async fn find_orders_of(&self, _: &UserId, _: Option<&Email>) -> Result<Vec<OrderId>, StoreError> {
        Ok(vec![self.order().id])
    }
}

impl EraseBelongings for OneOrder {
    async fn erase_belongings(&self, _: &UserId, _: Option<&Email>) -> Result<(), StoreError> {
        self.account.replace(None);
        Ok(())
    }
}

/// A table with guests' orders and at most one account in it.
#[derive(Default)]
pub(crate) struct Guests {
    orders: RefCell<Vec<Order>>,
    account: RefCell<Option<Account>>,
    addresses: RefCell<BTreeMap<Email, UserId>>,
    answers_erased: RefCell<Option<Email>>,
}

impl Guests {
    pub(crate) fn new(orders: impl IntoIterator<Item = Order>) -> Self {
        Self { orders: RefCell::new(orders.into_iter().collect()), ..Self::default() }
    }

    pub(crate) fn with(self, order: Order) -> Self {
        self.orders.borrow_mut().push(order);
        self
    }

    pub(crate) fn knowing(self, account: Account) -> Self {
        self.addresses.borrow_mut().insert(account.email.clone(), account.user_id.clone());
        self.account.replace(Some(account));
        self
    }

    pub(crate) fn order(&self, index: usize) -> Order {
        self.orders.borrow()[index].clone()
    }

    pub(crate) fn account(&self) -> Option<Account> {
        self.account.borrow().clone()
    }

    /// The address whose answers were removed.
    pub(crate) fn answers_erased(&self) -> Option<Email> {
        self.answers_erased.borrow().clone()
    }

    pub(crate) fn is_owned(&self, email: &Email) -> bool {
        self.addresses.borrow().contains_key(email)
    }
}

impl LoadAccount for Guests {
    async fn load_account(&self, _: &UserId) -> Result<Option<Account>, StoreError> {
        Ok(self.account())
    }
}

impl SaveAccount for Guests {
    async fn save_account(&self, _: Option<&Account>, after: &Account) -> Result<Known, StoreError> {
        self.addresses.borrow_mut().insert(after.email.clone(), after.user_id.clone());
        self.account.replace(Some(after.clone()));
        Ok(Known::Saved)
    }
}

impl ReleaseAddress for Guests {
    async fn release_address(&self, email: &Email, of: &UserId) -> Result<(), StoreError> {
        self.addresses.borrow_mut().retain(|known, owner| known != email || owner != of);
        Ok(())
    }
}

impl EraseAnswers for Guests {
    async fn erase_answers(&self, email: &Email) -> Result<(), StoreError> {
        self.answers_erased.replace(Some(email.clone()));
        Ok(())
    }
}

impl FindAccount for Guests {
    async fn find_account(&self, email: &Email) -> Result<Option<Account>, StoreError> {
        Ok(self.account().filter(|account| account.email == *email))
    }
}

impl FindGuestOrders for Guests {
    async fn find_guest_orders(
        &self,
        _: &Email,
        position: Option<HashMap<String, String>>,
    ) -> Result<Page<Order>, StoreError> {
        let row = |order: &Order| Row::new(Key::new("ORDER", "ORDER"), order.clone());
        // The first page is empty, as pages may be.
        match position {
            None => Ok(Page { rows: vec![], next: Some(HashMap::new()) }),
            Some(_) => Ok(Page { rows: self.orders.borrow().iter().map(row).collect(), next: None }),
        }
    }
}

impl FindOrder for Guests {
    async fn find_order(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        Ok(self.orders.borrow().iter().find(|order| order.id == id).cloned())
    }
}

impl ListOrder for Guests {
    async fn list_order(&self, order: &Order, listed: &ListedFor) -> Result<(), StoreError> {
        let mut orders = self.orders.borrow_mut();
        orders
            .iter_mut()
            .filter(|known| known.id == order.id)
            .for_each(|known| known.listed_for = Some(listed.clone()));
        Ok(())
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
