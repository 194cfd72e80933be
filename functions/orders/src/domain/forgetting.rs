//! An order whose people left: what nobody needs any more goes at once, and what it takes to bring the order to its end goes then. The
//! books stay.

use events::CancelReason;
use kernel::{Email, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{Account, Order, OrderEvent, OrderStatus, TimelineKind, Transition};

/// What a shopper said when cancelling may say anything about them.
const CANCELLED: &str = "The shopper cancelled the order.";
const ACCOUNT_DELETED: &str = "The shopper deleted their account.";

/// Who deleted their account while the order was not over, and so what of it goes when it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Departed {
    /// Whoever ordered: nothing of them stays.
    Shopper,
    /// Whoever has the address that a guest gave: that address goes. The order is the guest's, with their name and where it is sent to.
    Addressee,
}

/// Who of an order's people there are to write about.
type People<'a> = (Option<&'a UserId>, bool, &'a Email, Option<Departed>);

impl Order {
    /// What `user` was to the order, if anything: they had `email` until now, and orders knew them as `account`.
    #[must_use]
    pub fn role_of(&self, user: &UserId, email: Option<&Email>, account: Option<&Account>) -> Option<Departed> {
        let role = |is_theirs| if is_theirs { Departed::Shopper } else { Departed::Addressee };
        match (&self.user_id, &self.listed_for) {
            (Some(shopper), _) => (shopper == user).then_some(Departed::Shopper),
            (None, Some(listed)) => (listed.user_id == *user).then(|| role(listed.whole)),
            // No account lists it yet: it is theirs if theirs would have shown the whole of it.
            (None, None) if self.departed.is_none() && email == Some(&self.email) => {
                let listed = account.and_then(|account| account.lists(self));
                Some(role(listed.is_some_and(|listed| listed.whole)))
            }
            (None, None) => None,
        }
    }

    /// The order after `who` left. Their own is closed if it awaits its payment, and that names nobody any more; if it is on its way, it
    /// keeps what it takes to arrive.
    #[must_use]
    pub fn left_by(self, who: Departed, at: Timestamp) -> Transition {
        let order = Self { user_id: None, listed_for: None, departed: Some(who), ..self };
        match (who, order.status) {
            (Departed::Shopper, OrderStatus::PendingPayment) => {
                let (order, cancelled) = order.without_departed().cancelled(CancelReason::Shopper, at, ACCOUNT_DELETED);
                (order, vec![OrderEvent::Cancelled(cancelled)])
            }
            _ => (order.at_rest(), Vec::new()),
        }
    }

    /// Every transition to an end comes here last: an order that is over keeps nothing of those who left.
    pub(super) fn at_rest(self) -> Self {
        if self.status.is_over() { self.without_departed() } else { self }
    }

    /// Whether both name the same people: a transition that only moves the order on says yes.
    #[must_use]
    pub fn names_the_same(&self, other: &Self) -> bool {
        self.people() == other.people()
    }

    fn people(&self) -> People<'_> {
        (self.user_id.as_ref(), self.listed_for.is_some(), &self.email, self.departed)
    }

    fn without_departed(mut self) -> Self {
        match self.departed.take() {
            Some(Departed::Shopper) => self.without_person(),
            Some(Departed::Addressee) => Self { email: Email::erased(), ..self },
            None => self,
        }
    }

    /// The order without the person: number, lines, amounts, taxes and the place they were due in stay; nobody can open it any more.
    fn without_person(mut self) -> Self {
        self.email = Email::erased();
        self.shipping_address = self.shipping_address.erased();
        self.billing_address = self.billing_address.map(|address| address.erased());
        self.token_version += 1;
        for entry in &mut self.timeline {
            if entry.kind == TimelineKind::Cancelled && entry.detail.starts_with(CANCELLED.trim_end_matches('.')) {
                CANCELLED.clone_into(&mut entry.detail);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use api::{Caller, Capability};
    use testkit::now;

    use super::*;
    use crate::domain::ListedFor;
    use crate::domain::samples::{address, eur, pending, user_id};

    /// A shopper's order with another address on the bill.
    fn own() -> Order {
        Order { user_id: Some(user_id()), billing_address: Some(address()), ..pending() }
    }

    /// The same, cancelled with a word.
    fn cancelled() -> Order {
        own().cancel(Some("Ada is moving out of Chausseestraße"), now()).unwrap().0
    }

    fn paid(order: Order) -> Order {
        order.confirm(eur(3490), now()).unwrap().0
    }

    fn listed(whole: bool) -> Order {
        Order { listed_for: Some(ListedFor { user_id: user_id(), whole }), ..pending() }
    }

    fn left(order: Order, who: Departed) -> Order {
        order.left_by(who, now()).0
    }

    fn opens(order: &Order) -> bool {
        let capability = Capability::new(b"key");
        let token = Order::first_guest_token(order.id, &capability);
        order.opens_to(&Caller::Guest, Some(&token), &capability)
    }

    /// An end that a transition of a later release brings about.
    fn completed(order: Order) -> Order {
        Order { status: OrderStatus::Completed, ..order }.at_rest()
    }

    const PERSON: [&str; 4] = ["ada@example.com", "Ada", "Chausseestraße", "Berlin"];

    #[test]
    fn nothing_of_the_person_is_left() {
        for order in [left(cancelled(), Departed::Shopper), completed(left(paid(own()), Departed::Shopper))] {
            let text = serde_json::to_string(&order).unwrap();
            for word in PERSON.into_iter().chain([user_id().as_str(), "departed"]) {
                assert!(!text.contains(word), "{word} in {text}");
            }
            assert!(!opens(&order), "nobody opens it any more");
        }
    }

    #[test]
    fn number_amounts_and_the_place_of_taxes_stay() {
        let (before, after) = (cancelled(), left(cancelled(), Departed::Shopper));
        assert_eq!((&after.number, after.total, after.tax), (&before.number, before.total, before.tax));
        assert_eq!((after.lines, after.tax_lines), (before.lines, before.tax_lines));
        let (was, is) = (before.shipping_address, after.shipping_address);
        assert_eq!((is.country, is.postal_code, is.region), (was.country, was.postal_code, was.region));
        assert_eq!(after.timeline.len(), before.timeline.len());
    }

    #[test]
    fn what_is_paid_and_on_its_way_keeps_what_it_takes_to_arrive_and_no_account() {
        for order in [paid(own()), paid(listed(true))] {
            let (after, events) = order.clone().left_by(Departed::Shopper, now());
            let expected = Order { user_id: None, listed_for: None, departed: Some(Departed::Shopper), ..order };
            assert_eq!((after, events), (expected, vec![]));
        }
    }

    #[test]
    fn what_awaits_its_payment_is_closed_without_naming_anybody() {
        for order in [own(), listed(true)] {
            let (after, events) = order.left_by(Departed::Shopper, now());
            assert_eq!((after.status, after.departed), (OrderStatus::Cancelled, None));
            let [OrderEvent::Cancelled(event)] = events.as_slice() else { panic!("{events:?}") };
            assert_eq!((event.reason, event.order.order_id), (CancelReason::Shopper, after.id));
            let told = serde_json::to_string(&(&after, event)).unwrap();
            assert!(PERSON.iter().all(|word| !told.contains(word)) && !told.contains(user_id().as_str()), "{told}");
            assert_eq!(
                after.confirm(eur(3490), now()),
                Err(crate::domain::OrderError::Cancelled),
                "late money goes back"
            );
        }
    }

    #[test]
    fn what_somebody_else_ordered_loses_the_account_at_once_and_the_address_when_it_is_over() {
        for (order, status) in
            [(listed(false), OrderStatus::PendingPayment), (paid(listed(false)), OrderStatus::Confirmed)]
        {
            let open = left(order.clone(), Departed::Addressee);
            let expected = Order { listed_for: None, departed: Some(Departed::Addressee), ..order };
            assert_eq!((open.status, &open), (status, &expected));
            assert!(opens(&open));
            let over = completed(open);
            assert_eq!((over.email.is_erased(), over.departed), (true, None));
            assert_eq!(
                (&over.shipping_address, over.token_version),
                (&expected.shipping_address, expected.token_version)
            );
            assert!(opens(&over), "it is still the guest's");
        }
    }

    #[test]
    fn a_guest_who_cancels_is_told_at_the_address_that_goes_with_it() {
        let open = left(listed(false), Departed::Addressee);
        for (after, events) in
            [open.clone().cancel(None, now()).unwrap(), open.clone().expire(open.expires_at).unwrap()]
        {
            let [OrderEvent::Cancelled(event)] = events.as_slice() else { panic!("{events:?}") };
            assert_eq!((&event.order.email, after.email.is_erased()), (&open.email, true));
        }
    }

    #[test]
    fn an_account_leaves_what_it_ordered_and_what_others_ordered_with_its_address() {
        let (email, stranger) = (pending().email, "00000000-0000-4000-8000-000000000000".parse().unwrap());
        let since = |seconds| {
            let since = Some(pending().placed_at.plus_seconds(seconds));
            Account { user_id: user_id(), email: pending().email, since, sequence: 1 }
        };
        let role = |order: &Order, account: Option<&Account>| order.role_of(&user_id(), Some(&email), account);
        assert_eq!(role(&own(), None), Some(Departed::Shopper));
        assert_eq!(role(&listed(true), None), Some(Departed::Shopper));
        assert_eq!(role(&listed(false), None), Some(Departed::Addressee));
        // What no account lists yet.
        assert_eq!(role(&pending(), Some(&since(60))), Some(Departed::Shopper));
        assert_eq!(role(&pending(), Some(&since(-60))), Some(Departed::Addressee));
        assert_eq!(role(&pending(), None), Some(Departed::Addressee));
        let other_address = Order { email: Email::parse("bob@example.com").unwrap(), ..pending() };
        for order in [&other_address, &left(listed(false), Departed::Addressee), &left(paid(own()), Departed::Shopper)]
        {
            assert_eq!(role(order, Some(&since(60))), None);
        }
        assert_eq!(own().role_of(&stranger, Some(&email), None), None);
        assert_eq!(listed(true).role_of(&stranger, Some(&email), None), None);
    }

    #[test]
    fn an_order_whose_people_left_is_read_as_it_was_written() {
        for order in [left(cancelled(), Departed::Shopper), left(paid(own()), Departed::Shopper)] {
            let text = serde_json::to_string(&order).unwrap();
            assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);
        }
    }
}
