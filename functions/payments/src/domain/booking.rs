//! What money is, once it has come in: what the order was to be paid with, or too much.
//!
//! The first capture of an order pays it; every other is a surplus, which is written down, told nobody, and given back. Money that
//! came by an intent that no payment knows is written down as a payment of its own, a stray.

use aws_lc_rs::digest;
use kernel::{Money, OrderId, PaymentId, Timestamp, Ulid};
use orders::interface::{Order, OrderStatus};
use telemetry::Trace;

use crate::domain::{Attempts, Contradiction, Debt, Fact, News, Outcome, Payment, Provider};

/// How an order stands towards money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderState {
    /// It awaits this much.
    Pending {
        total: Money,
    },
    /// Something has paid it.
    Paid,
    Cancelled,
    /// There is no such order.
    Missing,
}

impl OrderState {
    #[must_use]
    pub fn of(order: Option<&Order>) -> Self {
        match order {
            None => Self::Missing,
            Some(order) => match order.status {
                OrderStatus::PendingPayment => Self::Pending { total: order.total },
                OrderStatus::Confirmed | OrderStatus::Completed => Self::Paid,
                OrderStatus::Cancelled => Self::Cancelled,
            },
        }
    }
}

/// A payment after a fact, with all that is to be written and told along with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    pub payment: Payment,
    /// The order's attempts as they are to be, when money came in: written even if they stay as they are, so that nobody settles the
    /// order meanwhile.
    pub attempts: Option<Attempts>,
    pub news: Vec<News>,
}

/// Books `fact` about the provider's `intent` for a payment that is written down.
///
/// # Errors
/// [`Contradiction`].
pub fn book(
    order: OrderState,
    attempts: Option<&Attempts>,
    payment: &Payment,
    intent: &str,
    fact: &Fact,
    now: Timestamp,
) -> Result<Booked, Contradiction> {
    let Outcome { mut payment, mut news } = payment.learn(intent, fact, now)?;
    let mut after = None;
    if news.iter().any(|news| matches!(news, News::Captured(_))) {
        let known = attempts.cloned().unwrap_or_else(|| Attempts::first(payment.order_id, payment.id, now));
        payment.surplus = !pays(order, &known, &payment);
        let known = if payment.surplus { known.with(payment.id, now) } else { known.paid_by(payment.id, now) };
        after = Some(known);
    }
    if payment.surplus {
        // The shop was never told of this money, so it need not hear that it went.
        news.clear();
    }
    Ok(Booked { payment, attempts: after, news })
}

/// A stray: what is known about an intent that no payment knows.
#[derive(Debug, Clone)]
pub struct Stray {
    pub order_id: OrderId,
    /// The order, if it is there, lends the stray its owner and its trace.
    pub order: Option<Order>,
    pub trace: Trace,
}

/// Books money that came by an intent that no payment knows; nothing, as long as no money came.
///
/// # Errors
/// [`Contradiction`].
pub fn book_stray(
    stray: &Stray,
    attempts: Option<&Attempts>,
    intent: &str,
    fact: &Fact,
    now: Timestamp,
) -> Result<Option<Booked>, Contradiction> {
    let (Fact::Succeeded { amount } | Fact::Refunded { charged: amount, .. }) = fact else { return Ok(None) };
    if amount.amount <= 0 {
        return Ok(None);
    }
    let order = stray.order.as_ref();
    let debt = Debt {
        order_id: stray.order_id,
        amount: *amount,
        user_id: order.and_then(|order| order.user_id.clone()),
        token_version: order.map_or(1, |order| order.token_version),
    };
    let trace = order.map_or(&stray.trace, |order| &order.trace);
    let payment = Payment::new(stray_id(intent), Provider::Stripe, debt, trace.clone(), now);
    book(OrderState::of(order), attempts, &payment, intent, fact, now).map(Some)
}

/// The id of the payment that money of an unknown intent is written down as: whoever hears of it means the same payment.
#[must_use]
pub fn stray_id(intent: &str) -> PaymentId {
    let hash = digest::digest(&digest::SHA256, intent.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    PaymentId::new(Ulid(u128::from_be_bytes(bytes)))
}

/// Whether money that has just come in is what the order is paid with.
fn pays(order: OrderState, attempts: &Attempts, payment: &Payment) -> bool {
    let is_first = attempts.paid_by.is_none_or(|paid_by| paid_by == payment.id);
    // Money that had gone back before anybody here heard of it pays nothing.
    is_first
        && payment.kept().amount > 0
        && match order {
            OrderState::Pending { total } => payment.captured == total,
            OrderState::Paid => false,
            // Told as taken and then as given back. A stray is told of only if it pays.
            OrderState::Cancelled | OrderState::Missing => !payment.is_stray(),
        }
}

impl Payment {
    /// Whether it was written down because money came by an intent that no payment knew.
    #[must_use]
    pub fn is_stray(&self) -> bool {
        self.provider_id.as_deref().is_some_and(|intent| stray_id(intent) == self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PaymentStatus;
    use crate::domain::examples::{at, created, eur, order, pending};

    const PENDING: OrderState = OrderState::Pending { total: Money::new(4599, kernel::Currency::EUR) };

    fn succeeded() -> Fact {
        Fact::Succeeded { amount: eur(4599) }
    }

    fn refunded(amount: i64) -> Fact {
        Fact::Refunded { charged: eur(4599), refunded: eur(amount) }
    }

    fn attempts() -> Attempts {
        Attempts::first(created().order_id, created().id, at(1))
    }

    fn other() -> PaymentId {
        PaymentId::new(kernel::ulid_at(at(5), 77))
    }

    #[test]
    fn the_first_capture_pays_the_order_and_is_told() {
        for state in [PENDING, OrderState::Cancelled, OrderState::Missing] {
            let booked = book(state, Some(&attempts()), &pending(), "pi_1", &succeeded(), at(9)).unwrap();
            assert_eq!(booked.news, [News::Captured(eur(4599))], "{state:?}");
            assert_eq!(booked.attempts, Some(attempts().paid_by(pending().id, at(9))));
            assert!(!booked.payment.surplus);
        }
    }

    #[test]
    fn any_other_capture_is_a_surplus_that_is_kept_quiet() {
        let paid = attempts().paid_by(other(), at(5));
        for (state, attempts) in [(PENDING, paid), (OrderState::Paid, attempts())] {
            let booked = book(state, Some(&attempts), &pending(), "pi_1", &succeeded(), at(9)).unwrap();
            assert_eq!((booked.payment.captured, booked.payment.surplus), (eur(4599), true), "{state:?}");
            assert_eq!((booked.news, booked.attempts.as_ref()), (Vec::new(), Some(&attempts)));
            let back = book(state, Some(&attempts), &booked.payment, "pi_1", &refunded(4599), at(10)).unwrap();
            assert_eq!((back.payment.status, back.news), (PaymentStatus::Refunded, Vec::new()));
        }
    }

    #[test]
    fn a_surplus_of_an_order_that_was_settled_is_looked_at_again() {
        let settled = attempts().paid_by(other(), at(5)).settled(at(6));
        let booked = book(OrderState::Paid, Some(&settled), &pending(), "pi_1", &succeeded(), at(9)).unwrap();
        assert_eq!(booked.attempts.and_then(|attempts| attempts.unsettled_since), Some(at(9)));
    }

    #[test]
    fn money_that_went_back_before_it_was_heard_of_pays_nothing() {
        let booked = book(PENDING, Some(&attempts()), &pending(), "pi_1", &refunded(4599), at(9)).unwrap();
        assert_eq!((booked.payment.surplus, booked.news, booked.attempts), (true, Vec::new(), Some(attempts())));
        let part = book(PENDING, Some(&attempts()), &pending(), "pi_1", &refunded(1000), at(9)).unwrap();
        assert_eq!(part.news, [News::Captured(eur(4599)), News::Refunded(eur(1000))]);
    }

    fn stray(order: Option<Order>) -> Stray {
        Stray { order_id: created().order_id, order, trace: Trace::start("webhook") }
    }

    #[test]
    fn a_stray_pays_an_order_that_awaits_just_that_amount() {
        let booked = book_stray(&stray(Some(order())), Some(&attempts()), "pi_x", &succeeded(), at(9));
        let booked = booked.unwrap().expect("money");
        assert_eq!((booked.payment.id, booked.payment.provider_id.as_deref()), (stray_id("pi_x"), Some("pi_x")));
        assert_eq!((booked.news, booked.payment.trace), (vec![News::Captured(eur(4599))], order().trace));
        let attempts = booked.attempts.expect("it has paid");
        assert_eq!((attempts.paid_by, attempts.live), (Some(stray_id("pi_x")), created().id));
    }

    #[test]
    fn every_other_stray_is_a_surplus() {
        let cancelled = Order { status: OrderStatus::Cancelled, ..order() };
        let confirmed = Order { status: OrderStatus::Confirmed, ..order() };
        let dearer = Order { total: eur(4600), ..order() };
        for order in [Some(cancelled), Some(confirmed), Some(dearer), None] {
            for attempts in [None, Some(&attempts())] {
                let booked = book_stray(&stray(order.clone()), attempts, "pi_x", &succeeded(), at(9));
                let booked = booked.unwrap().expect("money");
                assert!(booked.payment.surplus && booked.news.is_empty(), "{order:?}");
                assert_eq!(booked.attempts.expect("it is listed").payments.last(), Some(&stray_id("pi_x")));
            }
        }
    }

    #[test]
    fn an_unknown_intent_without_money_is_nothing() {
        let failed = Fact::Failed(crate::domain::Failure { code: "x".into(), detail: String::new() });
        for fact in [failed, Fact::Cancelled, Fact::Succeeded { amount: eur(0) }] {
            assert_eq!(book_stray(&stray(Some(order())), None, "pi_x", &fact, at(9)), Ok(None));
        }
    }
}
