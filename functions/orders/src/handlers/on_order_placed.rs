//! `OrderPlaced.v1`: a guest's order with the address of an account is listed there, with number and status.

use dynamo::StoreError;
use events::{Envelope, OrderPlaced};
use kernel::Email;

use crate::domain::Account;
use crate::handlers::accounts::ListOrder;
use crate::handlers::get_order::FindOrder;
use crate::handlers::transition::ConsumerError;

/// The account that has an address now.
pub trait FindAccount {
    async fn find_account(&self, email: &Email) -> Result<Option<Account>, StoreError>;
}

pub struct Deps<S> {
    pub orders: S,
}

/// # Errors
/// [`ConsumerError`]: the queue delivers the event again.
pub async fn handle(
    deps: &Deps<impl FindOrder + FindAccount + ListOrder>,
    event: Envelope<OrderPlaced>,
) -> Result<(), ConsumerError> {
    let id = event.data.order_id;
    let order = deps.orders.find_order(id).await?.ok_or(ConsumerError::NoOrder(id))?;
    if order.user_id.is_some() {
        return Ok(());
    }
    let account = deps.orders.find_account(&order.email).await?;
    if let Some(listed) = account.and_then(|account| account.lists(&order)) {
        deps.orders.list_order(&order, &listed).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kernel::EventId;
    use telemetry::Trace;
    use testkit::now;

    use super::*;
    use crate::domain::samples::{pending, user_id};
    use crate::domain::{ListedFor, Order};
    use crate::handlers::fakes::{Guests, new_id};

    fn account() -> Account {
        let since = Some(pending().placed_at.plus_seconds(-60));
        Account { user_id: user_id(), email: pending().email, since, sequence: 1 }
    }

    async fn placed(orders: Guests) -> Order {
        let order = orders.order(0);
        let data = OrderPlaced {
            order_id: order.id,
            number: order.number.to_string(),
            total: order.total,
            lines: vec![],
            expires_at: order.expires_at,
        };
        let deps = Deps { orders };
        handle(&deps, Envelope::new(EventId::new(new_id()), now(), Trace::start("c"), 1, data)).await.unwrap();
        deps.orders.order(0)
    }

    #[tokio::test]
    async fn a_guest_who_has_an_account_sees_number_and_status_there() {
        let order = placed(Guests::new([pending()]).knowing(account())).await;
        assert_eq!(order.listed_for, Some(ListedFor { user_id: user_id(), whole: false }));
    }

    #[tokio::test]
    async fn an_address_without_an_account_lists_nothing() {
        assert_eq!(placed(Guests::new([pending()])).await, pending());
    }

    #[tokio::test]
    async fn a_shopper_s_own_order_is_listed_already() {
        let own = Order { user_id: Some(user_id()), ..pending() };
        assert_eq!(placed(Guests::new([own.clone()]).knowing(account())).await, own);
    }
}
