use std::cell::RefCell;

use dynamo::Row;
use testkit::now;

use super::*;
use crate::domain::samples::{WINDOW_SECONDS, eur, pending};
use crate::domain::{Order, OrderStatus, Transition};
use crate::handlers::fakes::{OneOrder, new_id};
use crate::handlers::transition::{Announcing, Once, Saved};

/// The list, and the orders on it; one of them may be missing.
#[derive(Default)]
struct Shop {
    orders: Vec<OneOrder>,
    listed: Vec<OrderId>,
    forgotten: RefCell<Vec<OrderId>>,
}

impl Shop {
    fn of(orders: impl IntoIterator<Item = OneOrder>) -> Self {
        let orders: Vec<_> = orders.into_iter().collect();
        let listed = orders.iter().map(|order| order.order().id).collect();
        Self { orders, listed, ..Self::default() }
    }

    fn find(&self, id: OrderId) -> Option<&OneOrder> {
        self.orders.iter().find(|order| order.order().id == id)
    }
}

impl ListDue for Shop {
    fn shards(&self) -> u8 {
        4
    }

    /// One order a page, all in the third shard.
    async fn list_due(
        &self,
        shard: u8,
        _: Timestamp,
        after: Option<HashMap<String, String>>,
    ) -> Result<DuePage, StoreError> {
        let from: usize = after.map_or(0, |after| after["n"].parse().unwrap());
        let listed = if shard == 2 { self.listed.as_slice() } else { &[] };
        let next = (from + 1 < listed.len()).then(|| HashMap::from([("n".to_owned(), (from + 1).to_string())]));
        Ok(DuePage { orders: listed.get(from).copied().map(Ok).into_iter().collect(), next })
    }
}

impl ForgetDue for Shop {
    async fn forget_due(&self, id: OrderId) -> Result<(), StoreError> {
        self.forgotten.borrow_mut().push(id);
        Ok(())
    }
}

impl LoadOrder for Shop {
    async fn load_order(&self, id: OrderId) -> Result<Option<Row<Order>>, StoreError> {
        match self.find(id) {
            Some(order) => order.load_order(id).await,
            None => Ok(None),
        }
    }
}

impl SaveTransition for Shop {
    async fn save_transition(
        &self,
        before: &Row<Order>,
        transition: Transition,
        once: Once<'_>,
        announcing: &Announcing,
    ) -> Result<Saved, StoreError> {
        let order = self.find(before.body.id).unwrap();
        order.save_transition(before, transition, once, announcing).await
    }
}

fn due() -> Timestamp {
    now().plus_seconds(WINDOW_SECONDS)
}

fn numbered(n: u128) -> Order {
    Order { id: OrderId::new(kernel::ulid_at(now(), n)), ..pending() }
}

async fn sweep(shop: Shop, until: Timestamp) -> (Swept, Shop) {
    let deps = Deps { orders: shop, now: due, new_id };
    let swept = handle(&deps, until).await.unwrap();
    (swept, deps.orders)
}

fn in_time() -> Timestamp {
    due().plus_seconds(50)
}

#[tokio::test]
async fn all_orders_that_are_due_are_closed() {
    let (swept, shop) = sweep(Shop::of((1..=3).map(|n| OneOrder::new(numbered(n)))), in_time()).await;
    assert_eq!(swept, Swept { expired: 3, ..Swept::default() });
    assert!(shop.orders.iter().all(|order| order.status() == OrderStatus::Cancelled));
    assert!(shop.orders.iter().all(|order| order.events.borrow().len() == 1));
    assert!(shop.forgotten.borrow().is_empty(), "the transition itself takes them off the list");
}

#[tokio::test]
async fn an_order_with_more_time_is_passed_over() {
    let extended = Order { expires_at: due().plus_seconds(60), ..numbered(1) };
    let extended_meanwhile = OneOrder::new(numbered(2)).becoming(Order { id: numbered(2).id, ..extended.clone() });
    let (swept, shop) = sweep(Shop::of([OneOrder::new(extended), extended_meanwhile]), in_time()).await;
    assert_eq!(swept, Swept { still_open: 2, ..Swept::default() });
    assert!(shop.orders.iter().all(|order| order.status() == OrderStatus::PendingPayment));
}

#[tokio::test]
async fn an_order_that_is_over_is_taken_off_the_list_and_stays_as_it_is() {
    let paid = numbered(1).confirm(eur(3490), now()).unwrap().0;
    let closed = numbered(2).cancel(None, now()).unwrap().0;
    let paid_meanwhile = OneOrder::new(numbered(3)).becoming(numbered(3).confirm(eur(3490), now()).unwrap().0);
    let orders = [OneOrder::new(paid.clone()), OneOrder::new(closed.clone()), paid_meanwhile];
    let (swept, shop) = sweep(Shop::of(orders), in_time()).await;
    assert_eq!(swept, Swept { stale: 3, ..Swept::default() });
    assert_eq!(*shop.forgotten.borrow(), shop.listed);
    assert_eq!((shop.orders[0].order(), shop.orders[1].order()), (paid, closed));
    assert!(shop.orders.iter().all(|order| order.events.borrow().is_empty()));
}

#[tokio::test]
async fn what_fails_for_one_order_keeps_back_no_other() {
    let mut shop = Shop::of([OneOrder::new(numbered(2))]);
    shop.listed.insert(0, numbered(1).id);
    let (swept, shop) = sweep(shop, in_time()).await;
    assert_eq!(swept, Swept { expired: 1, failed: 1, ..Swept::default() });
    assert_eq!(shop.orders[0].status(), OrderStatus::Cancelled);
}

#[tokio::test]
async fn a_sweep_ends_in_time_and_says_so() {
    let (swept, shop) = sweep(Shop::of([OneOrder::new(numbered(1))]), due()).await;
    assert_eq!(swept, Swept { unfinished: true, ..Swept::default() });
    assert_eq!(shop.orders[0].status(), OrderStatus::PendingPayment);
}

#[test]
fn each_shard_is_the_first_in_its_turn() {
    let at = |turn| in_turn(4, Timestamp::from_epoch_seconds(turn * TURN_SECONDS)).collect::<Vec<_>>();
    assert_eq!([at(0), at(1), at(3)], [[0, 1, 2, 3], [1, 2, 3, 0], [3, 0, 1, 2]]);
}
