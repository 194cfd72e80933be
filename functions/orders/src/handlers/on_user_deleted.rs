//! `UserDeleted.v1`: whoever left is taken out of their orders. What is on its way to them still arrives.

use dynamo::StoreError;
use kernel::{Email, OrderId, Timestamp, Ulid, UserId};
use privacy::{Forget, Leaver};
use tracing::{Instrument as _, info};

use crate::domain::{Account, Departed};
use crate::handlers::accounts::LoadAccount;
use crate::handlers::transition::{Announcing, ConsumerError, LoadOrder, Once, SaveTransition, Saved, TRIES};

/// Says from now on that somebody left; once more changes nothing.
pub trait LeaveTombstone {
    async fn leave_tombstone(&self, user: &UserId, at: Timestamp) -> Result<(), StoreError>;
}

/// Orders that may be somebody's: their own, those listed for them, and those that no account lists with their address.
pub trait FindOrdersOf {
    async fn find_orders_of(&self, user: &UserId, email: Option<&Email>) -> Result<Vec<OrderId>, StoreError>;
}

/// Removes what goes with somebody altogether: what is known of their account, and what was answered to them.
pub trait EraseBelongings {
    async fn erase_belongings(&self, user: &UserId, email: Option<&Email>) -> Result<(), StoreError>;
}

/// The orders, seen by those who leave.
pub struct Departures<S> {
    pub orders: S,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

impl<S> Forget for Departures<S>
where
    S: LeaveTombstone + LoadAccount + FindOrdersOf + LoadOrder + SaveTransition + EraseBelongings,
{
    type Error = ConsumerError;

    async fn forget(&self, leaver: &Leaver) -> Result<(), ConsumerError> {
        let Leaver { user_id, email, deleted_at, .. } = leaver;
        self.orders.leave_tombstone(user_id, *deleted_at).await?;
        // Goes last, so that a second try, too, knows what was ordered before there was the account.
        let account = self.orders.load_account(user_id).await?;
        for id in self.orders.find_orders_of(user_id, email.as_ref()).await? {
            self.let_go(id, leaver, account.as_ref()).await?;
        }
        Ok(self.orders.erase_belongings(user_id, email.as_ref()).await?)
    }
}

impl<S: LoadOrder + SaveTransition> Departures<S> {
    async fn let_go(&self, id: OrderId, leaver: &Leaver, account: Option<&Account>) -> Result<(), ConsumerError> {
        for _ in 0..TRIES {
            // The index may be behind: the row itself says whose it is, and at which version.
            let Some(before) = self.orders.load_order(id).await? else { return Ok(()) };
            let Some(who) = before.body.role_of(&leaver.user_id, leaver.email.as_ref(), account) else { return Ok(()) };
            let trace = before.body.trace.clone();
            let span = trace.span();
            let announcing = Announcing { trace, at: (self.now)(), new_id: self.new_id };
            let (after, events) = before.body.clone().left_by(who, announcing.at);
            let closes = !events.is_empty();
            let saving = self.orders.save_transition(&before, (after, events), Once::State, &announcing);
            if saving.instrument(span.clone()).await? == Saved::Done {
                let is_own = who == Departed::Shopper;
                span.in_scope(|| info!(order_id = %id, is_own, closes, "order {id} was left"));
                return Ok(());
            }
        }
        Err(ConsumerError::Raced(id))
    }
}

#[cfg(test)]
mod tests {
    use telemetry::Trace;
    use testkit::now;

    use super::*;
    use crate::domain::samples::{eur, pending, user_id};
    use crate::domain::{ListedFor, Order, OrderEvent, OrderStatus};
    use crate::handlers::fakes::{OneOrder, new_id};

    fn own() -> Order {
        Order { user_id: Some(user_id()), ..pending() }
    }

    fn paid(order: Order) -> Order {
        order.confirm(eur(3490), now()).unwrap().0
    }

    async fn left(orders: OneOrder, email: Option<Email>) -> OneOrder {
        let departures = Departures { orders, now, new_id };
        let leaver = Leaver { user_id: user_id(), email, deleted_at: now(), trace: Trace::start("c") };
        departures.forget(&leaver).await.unwrap();
        departures.forget(&leaver).await.expect("once more is harmless");
        departures.orders
    }

    #[tokio::test]
    async fn an_unpaid_order_is_closed_once_and_its_stock_and_payment_are_let_go() {
        let orders = left(OneOrder::new(own()), None).await;
        let order = orders.order();
        assert_eq!((order.status, order.email.is_erased()), (OrderStatus::Cancelled, true));
        let events = orders.events.borrow();
        let [OrderEvent::Cancelled(event)] = events.as_slice() else { panic!("{events:?}") };
        assert!(event.order.email.is_erased() && event.order.user_id.is_none(), "{event:?}");
    }

    #[tokio::test]
    async fn a_paid_order_still_knows_where_to() {
        let orders = left(OneOrder::new(paid(own())), None).await;
        let expected = Order { user_id: None, departed: Some(Departed::Shopper), ..paid(own()) };
        assert_eq!(orders.order(), expected);
        assert!(orders.events.borrow().is_empty());
    }

    #[tokio::test]
    async fn a_payment_that_is_faster_is_not_lost() {
        let orders = left(OneOrder::new(own()).becoming(paid(own())), None).await;
        assert_eq!((orders.status(), orders.order().departed), (OrderStatus::Confirmed, Some(Departed::Shopper)));
        assert!(orders.events.borrow().is_empty());
    }

    #[tokio::test]
    async fn what_a_stranger_ordered_with_the_address_stays_theirs_to_pay() {
        let listed = ListedFor { user_id: user_id(), whole: false };
        for order in [Order { listed_for: Some(listed), ..pending() }, pending()] {
            let orders = left(OneOrder::new(order), Some(pending().email)).await;
            assert_eq!(orders.order(), Order { departed: Some(Departed::Addressee), ..pending() });
            assert!(orders.events.borrow().is_empty());
        }
    }

    #[tokio::test]
    async fn what_was_ordered_before_the_account_is_theirs_before_it_is_listed_too() {
        let since = Some(pending().placed_at.plus_seconds(60));
        let account = Account { user_id: user_id(), email: pending().email, since, sequence: 1 };
        let orders = left(OneOrder::new(pending()).knowing(account), Some(pending().email)).await;
        assert_eq!(orders.status(), OrderStatus::Cancelled);
    }

    #[tokio::test]
    async fn an_order_of_somebody_else_is_not_touched() {
        let other = Order { user_id: Some("00000000-0000-4000-8000-000000000000".parse().unwrap()), ..pending() };
        assert_eq!(left(OneOrder::new(other.clone()), Some(other.email.clone())).await.order(), other);
    }
}
