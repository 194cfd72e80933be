//! Accounts, as far as guests' orders are about them: whoever registers later finds what they ordered with the same address before.

use api::Caller;
use kernel::{Email, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::Order;

/// Somebody with an account and a confirmed address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub user_id: UserId,
    pub email: Email,
    /// Since when they have an account; not known of those who registered before orders kept accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The version of the user that told it: what comes later with a lower one is old.
    pub sequence: u64,
}

/// The account that lists a guest's order, because the order was placed with its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedFor {
    pub user_id: UserId,
    /// Whether it shows the whole order; otherwise number and status only. Anybody can order with somebody's address: whoever had an
    /// account then would have signed in.
    pub whole: bool,
}

impl Account {
    /// How this account lists `order`; not at all what a shopper ordered signed in, what another account lists, what a deleted
    /// account left behind, and what was ordered with another address.
    #[must_use]
    pub fn lists(&self, order: &Order) -> Option<ListedFor> {
        let is_nobody_s = order.user_id.is_none() && order.listed_for.is_none() && order.departed.is_none();
        let is_free = is_nobody_s && order.email == self.email;
        let whole = self.since.is_some_and(|since| order.placed_at < since);
        is_free.then(|| ListedFor { user_id: self.user_id.clone(), whole })
    }
}

impl Order {
    /// Whether `user` ordered this, or has an account that shows the whole of it.
    #[must_use]
    pub fn is_shown_to(&self, user: &UserId) -> bool {
        let is_listed = self.listed_for.as_ref().is_some_and(|listed| listed.whole && listed.user_id == *user);
        self.user_id.as_ref() == Some(user) || is_listed
    }

    /// [`Order::is_shown_to`], for whoever calls.
    pub(super) fn is_shown(&self, caller: &Caller) -> bool {
        caller.user_id().is_some_and(|user| self.is_shown_to(user))
    }
}

#[cfg(test)]
mod tests {
    use api::{Capability, User};

    use super::*;
    use crate::domain::Departed;
    use crate::domain::samples::{pending, user_id};

    fn account() -> Account {
        let order = pending();
        Account { user_id: user_id(), email: order.email, since: Some(order.placed_at.plus_seconds(1)), sequence: 1 }
    }

    fn listed(whole: bool) -> Order {
        Order { listed_for: Some(ListedFor { user_id: user_id(), whole }), ..pending() }
    }

    fn opens_to(order: &Order, id: &str) -> bool {
        let user = User { id: UserId::parse(id).unwrap(), groups: vec![], signed_in_at: testkit::now() };
        order.opens_to(&Caller::User(user), None, &Capability::new(b"key"))
    }

    const OTHER: &str = "00000000-0000-4000-8000-000000000000";

    #[test]
    fn what_was_ordered_before_the_account_is_listed_whole_and_what_came_after_is_not() {
        let placed_at = pending().placed_at;
        for (since, whole) in [
            (Some(placed_at.plus_seconds(1)), true),
            (Some(placed_at), false),
            (Some(placed_at.plus_seconds(-1)), false),
            (None, false),
        ] {
            let listed = Account { since, ..account() }.lists(&pending()).expect("it is listed");
            assert_eq!(listed.whole, whole, "{since:?}");
        }
    }

    #[test]
    fn nobody_lists_what_is_not_theirs() {
        let theirs = Order { user_id: Some(user_id()), ..pending() };
        let other_address = Order { email: Email::parse("bob@example.com").unwrap(), ..pending() };
        let left = listed(false).left_by(Departed::Addressee, testkit::now()).0;
        for order in [theirs, other_address, listed(false), left] {
            assert_eq!(account().lists(&order), None);
        }
    }

    #[test]
    fn a_listed_order_opens_to_its_account_only_when_it_is_listed_whole() {
        let user = user_id();
        assert!(opens_to(&listed(true), user.as_str()));
        assert!(!opens_to(&listed(false), user.as_str()));
        assert!(!opens_to(&listed(true), OTHER));
    }

    #[test]
    fn the_guest_s_token_opens_a_listed_order_as_before() {
        let capability = Capability::new(b"key");
        let token = Order::first_guest_token(pending().id, &capability);
        for whole in [true, false] {
            assert!(listed(whole).opens_to(&Caller::Guest, Some(&token), &capability));
        }
    }
}
