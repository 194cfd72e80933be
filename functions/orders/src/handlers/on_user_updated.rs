//! `UserUpdated.v1`: with a new address, an account lists what guests ordered with it. What was answered at the old one is forgotten: when
//! the account is deleted, nobody knows that address any more.

use dynamo::StoreError;
use events::{Envelope, UserUpdated};
use kernel::Email;

use crate::domain::Account;
use crate::handlers::accounts::{FindGuestOrders, ListOrder, LoadAccount, ReleaseAddress, SaveAccount, settle};
use crate::handlers::transition::ConsumerError;

/// Removes the answers that were given to guests with an address.
pub trait EraseAnswers {
    async fn erase_answers(&self, email: &Email) -> Result<(), StoreError>;
}

pub struct Deps<S> {
    pub orders: S,
}

/// # Errors
/// [`ConsumerError`]: the queue delivers the event again.
pub async fn handle<S>(deps: &Deps<S>, event: Envelope<UserUpdated>) -> Result<(), ConsumerError>
where
    S: LoadAccount + SaveAccount + ReleaseAddress + FindGuestOrders + ListOrder + EraseAnswers,
{
    let UserUpdated { user_id, email, old_email, since, .. } = event.data;
    let Some(old_email) = old_email else { return Ok(()) };
    // It may come before `UserRegistered`, which is then old and changes nothing any more.
    let since = match since {
        Some(since) => Some(since),
        None => deps.orders.load_account(&user_id).await?.and_then(|known| known.since),
    };
    let account = Account { user_id, email, since, sequence: event.sequence };
    settle(&deps.orders, &account, Some(&old_email)).await?;
    Ok(deps.orders.erase_answers(&old_email).await?)
}

#[cfg(test)]
mod tests {
    use kernel::{Email, EventId, Locale, Timestamp};
    use telemetry::Trace;
    use testkit::now;

    use super::*;
    use crate::domain::ListedFor;
    use crate::domain::samples::{pending, user_id};
    use crate::handlers::fakes::{Guests, new_id};

    fn old_email() -> Email {
        Email::parse("countess@example.com").unwrap()
    }

    fn account(since: Option<Timestamp>, sequence: u64) -> Account {
        Account { user_id: user_id(), email: old_email(), since, sequence }
    }

    async fn moved(orders: Guests, old_email: Option<Email>, sequence: u64) -> Guests {
        moved_since(None, orders, old_email, sequence).await
    }

    async fn moved_since(since: Option<Timestamp>, orders: Guests, old_email: Option<Email>, sequence: u64) -> Guests {
        let (name, locale) = ("Ada".to_owned(), Locale::En);
        let data = UserUpdated { user_id: user_id(), email: pending().email, old_email, name, locale, since };
        let deps = Deps { orders };
        handle(&deps, Envelope::new(EventId::new(new_id()), now(), Trace::start("c"), sequence, data)).await.unwrap();
        deps.orders
    }

    #[tokio::test]
    async fn orders_with_the_new_address_are_listed_by_when_the_account_began() {
        for (since, whole) in [
            (Some(pending().placed_at.plus_seconds(60)), true),
            (Some(pending().placed_at.plus_seconds(-60)), false),
            (None, false),
        ] {
            let orders = Guests::new([pending()]).knowing(account(since, 1));
            let orders = moved(orders, Some(old_email()), 2).await;
            assert_eq!(orders.order(0).listed_for, Some(ListedFor { user_id: user_id(), whole }), "{since:?}");
            let known = orders.account().unwrap();
            assert_eq!((known.email, known.since, known.sequence), (pending().email, since, 2));
        }
    }

    #[tokio::test]
    async fn whoever_is_heard_of_for_the_first_time_says_since_when_they_have_an_account() {
        let since = pending().placed_at.plus_seconds(60);
        let orders = moved_since(Some(since), Guests::new([pending()]), Some(old_email()), 2).await;
        assert_eq!(orders.order(0).listed_for, Some(ListedFor { user_id: user_id(), whole: true }));
        assert_eq!(orders.account().unwrap().since, Some(since));
    }

    #[tokio::test]
    async fn the_address_they_left_is_nobody_s() {
        let orders = Guests::new([]).knowing(account(None, 1));
        assert!(orders.is_owned(&old_email()));
        let orders = moved(orders, Some(old_email()), 2).await;
        assert!(!orders.is_owned(&old_email()) && orders.is_owned(&pending().email));
    }

    #[tokio::test]
    async fn what_was_answered_at_the_old_address_is_forgotten() {
        let orders = moved(Guests::new([]).knowing(account(None, 1)), Some(old_email()), 2).await;
        assert_eq!(orders.answers_erased(), Some(old_email()));
        assert_eq!(moved(Guests::new([]), None, 2).await.answers_erased(), None);
    }

    #[tokio::test]
    async fn an_event_that_was_overtaken_changes_nothing() {
        let orders = Guests::new([pending()]).knowing(account(None, 3));
        let orders = moved(orders, Some(old_email()), 2).await;
        assert_eq!((orders.account(), orders.order(0)), (Some(account(None, 3)), pending()));
    }

    #[tokio::test]
    async fn another_name_is_of_no_interest() {
        let orders = moved(Guests::new([pending()]), None, 2).await;
        assert_eq!((orders.account(), orders.order(0)), (None, pending()));
    }
}
