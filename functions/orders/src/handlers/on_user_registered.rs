//! `UserRegistered.v1`: whoever ordered as a guest before finds those orders in their account.

use events::{Envelope, UserRegistered};

use crate::domain::Account;
use crate::handlers::accounts::{FindGuestOrders, ListOrder, LoadAccount, ReleaseAddress, SaveAccount, settle};
use crate::handlers::transition::ConsumerError;

pub struct Deps<S> {
    pub orders: S,
}

/// # Errors
/// [`ConsumerError`]: the queue delivers the event again.
pub async fn handle<S>(deps: &Deps<S>, event: Envelope<UserRegistered>) -> Result<(), ConsumerError>
where
    S: LoadAccount + SaveAccount + ReleaseAddress + FindGuestOrders + ListOrder,
{
    let UserRegistered { user_id, email, .. } = event.data;
    let account = Account { user_id, email, since: Some(event.time), sequence: event.sequence };
    settle(&deps.orders, &account, None).await
}

#[cfg(test)]
mod tests {
    use kernel::{EventId, Locale};
    use telemetry::Trace;
    use testkit::now;

    use super::*;
    use crate::domain::samples::{pending, user_id};
    use crate::domain::{ListedFor, Order};
    use crate::handlers::fakes::{Guests, new_id};

    fn registered(at: i64) -> Envelope<UserRegistered> {
        let data =
            UserRegistered { user_id: user_id(), email: pending().email, name: "Ada".into(), locale: Locale::En };
        let time = pending().placed_at.plus_seconds(at);
        Envelope::new(EventId::new(new_id()), time, Trace::start("c"), 1, data)
    }

    fn whole(whole: bool) -> Option<ListedFor> {
        Some(ListedFor { user_id: user_id(), whole })
    }

    async fn hear(orders: Guests, event: Envelope<UserRegistered>) -> Guests {
        let deps = Deps { orders };
        handle(&deps, event).await.unwrap();
        deps.orders
    }

    #[tokio::test]
    async fn what_a_guest_ordered_before_registering_is_theirs() {
        let orders = hear(Guests::new([pending()]), registered(60)).await;
        assert_eq!(orders.order(0).listed_for, whole(true));
        assert_eq!(orders.account().unwrap().since, Some(pending().placed_at.plus_seconds(60)));
    }

    #[tokio::test]
    async fn an_order_of_a_moment_after_shows_its_number_only() {
        let orders = hear(Guests::new([pending()]), registered(-1)).await;
        assert_eq!(orders.order(0).listed_for, whole(false));
    }

    #[tokio::test]
    async fn what_was_cut_short_is_ended_when_the_event_comes_again() {
        let orders = hear(Guests::new([]), registered(60)).await;
        let orders = hear(orders.with(pending()), registered(60)).await;
        assert_eq!(orders.order(0).listed_for, whole(true));
    }

    #[tokio::test]
    async fn a_shopper_s_own_order_stays_as_it_is() {
        let own = Order { user_id: Some(user_id()), placed_at: now(), ..pending() };
        assert_eq!(hear(Guests::new([own.clone()]), registered(60)).await.order(0), own);
    }
}
