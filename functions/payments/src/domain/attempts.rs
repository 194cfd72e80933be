use kernel::{OrderId, PaymentId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::{Payment, PaymentStatus};

/// No order needs more, and the row stays small. Money that comes in beyond them is booked all the same.
const MOST: usize = 20;

/// All payments of one order: which of them the shopper may pay, and which has paid.
///
/// Whoever makes a payment or learns of money writes this row in the same transaction, under its version. So two payments cannot both
/// become the one to pay, and two captures cannot both pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    pub order_id: OrderId,
    /// The latest attempt, the only one whose secret is given out.
    pub live: PaymentId,
    /// The first whose money came in. It never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_by: Option<PaymentId>,
    /// Every payment of the order, strays included, in the order in which they were written down.
    pub payments: Vec<PaymentId>,
    /// Since when nobody has seen the order and its money agree; none once somebody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsettled_since: Option<Timestamp>,
    /// When somebody looked whether they agree, at first when the order got its first payment.
    pub looked_at: Timestamp,
}

impl Attempts {
    /// The first payment of an order.
    #[must_use]
    pub fn first(order_id: OrderId, payment: PaymentId, now: Timestamp) -> Self {
        Self {
            order_id,
            live: payment,
            paid_by: None,
            payments: vec![payment],
            unsettled_since: Some(now),
            looked_at: now,
        }
    }

    /// One more payment, which the shopper is to pay instead of those before.
    #[must_use]
    pub fn with_live(&self, payment: PaymentId, now: Timestamp) -> Self {
        Self { live: payment, ..self.with(payment, now) }
    }

    /// Money came in by `payment`, and no other has paid.
    #[must_use]
    pub fn paid_by(&self, payment: PaymentId, now: Timestamp) -> Self {
        Self { paid_by: Some(payment), ..self.with(payment, now) }
    }

    /// Something happened to `payment`: whether everything agrees is open again.
    #[must_use]
    pub fn with(&self, payment: PaymentId, now: Timestamp) -> Self {
        let mut attempts = self.clone();
        if !attempts.payments.contains(&payment) {
            attempts.payments.push(payment);
        }
        if attempts.unsettled_since.is_none() {
            (attempts.unsettled_since, attempts.looked_at) = (Some(now), now);
        }
        attempts
    }

    /// Somebody looked, and they do not agree yet.
    #[must_use]
    pub fn still_open(&self, now: Timestamp) -> Self {
        Self { looked_at: now, ..self.clone() }
    }

    /// Somebody saw them agree.
    #[must_use]
    pub fn settled(&self, now: Timestamp) -> Self {
        Self { unsettled_since: None, looked_at: now, ..self.clone() }
    }
}

/// What asking for a payment of an order comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plan {
    /// Nobody can pay what there is: write down a new payment and open it.
    Begin,
    /// The live payment is not open yet, for another request is at it or has left it: open that one.
    Join,
    /// The shopper can pay the live payment, with another card if need be.
    Show,
    /// The order is paid, or has been tried too often.
    NotPayable,
}

/// Decides it for an order that awaits payment ([`PaymentWindow::of`](crate::domain::PaymentWindow::of)), its payments so far, and the
/// live one of them. So an order has at most one payment that somebody can pay.
#[must_use]
pub fn plan(attempts: Option<&Attempts>, live: Option<&Payment>) -> Plan {
    let Some(attempts) = attempts else { return Plan::Begin };
    if attempts.paid_by.is_some() {
        return Plan::NotPayable;
    }
    match live {
        Some(live) if live.is_payable() => Plan::Show,
        Some(live) if live.can_be_opened() => Plan::Join,
        Some(live) if !live.captured.is_zero() && live.kept().amount > 0 => Plan::NotPayable,
        _ if attempts.payments.len() >= MOST => Plan::NotPayable,
        _ => Plan::Begin,
    }
}

impl Payment {
    /// Whether somebody who has the secret can pay it.
    #[must_use]
    pub fn is_payable(&self) -> bool {
        self.awaits_shopper() && self.client_secret.is_some()
    }

    /// Whether the provider may still be asked to open it, under the same key as before.
    #[must_use]
    pub fn can_be_opened(&self) -> bool {
        let told_before_answered = self.awaits_shopper() && self.provider_id.is_some() && self.client_secret.is_none();
        self.status == PaymentStatus::Created || told_before_answered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::payment::examples::{at, captured, created, eur, pending};
    use crate::domain::{Fact, Failure};

    fn learned(payment: &Payment, fact: &Fact) -> Payment {
        payment.learn("pi_1", fact, at(9)).expect("no contradiction").payment
    }

    fn declined() -> Failure {
        Failure { code: "card_declined".into(), detail: String::new() }
    }

    #[test]
    fn an_order_has_one_payment_that_can_be_paid_until_nobody_can_pay_it() {
        let attempts = Attempts::first(created().order_id, created().id, at(1));
        let refunded = Fact::Refunded { charged: eur(4599), refunded: eur(4599) };
        let table = [
            (created(), Plan::Join),
            (learned(&created(), &Fact::Failed(declined())), Plan::Join),
            (pending(), Plan::Show),
            (learned(&pending(), &Fact::Failed(declined())), Plan::Show),
            (learned(&pending(), &Fact::Cancelled), Plan::Begin),
            (created().given_up(at(9)), Plan::Begin),
            (created().refused(declined(), at(9)), Plan::Begin),
            (captured(), Plan::NotPayable),
            (learned(&captured(), &refunded), Plan::Begin),
        ];
        assert_eq!(plan(None, None), Plan::Begin);
        for (live, expected) in table {
            assert_eq!(plan(Some(&attempts), Some(&live)), expected, "{:?}", live.status);
            let paid = attempts.paid_by(live.id, at(9));
            assert_eq!(plan(Some(&paid), Some(&live)), Plan::NotPayable, "{:?}", live.status);
        }
    }

    #[test]
    fn an_order_cannot_be_tried_without_end() {
        let mut attempts = Attempts::first(created().order_id, created().id, at(1));
        for n in 1..20 {
            assert_eq!(plan(Some(&attempts), Some(&created().given_up(at(2)))), Plan::Begin, "{n}");
            attempts = attempts.with_live(PaymentId::new(kernel::ulid_at(at(n), 9)), at(n));
        }
        assert_eq!(plan(Some(&attempts), Some(&created().given_up(at(2)))), Plan::NotPayable);
        assert_eq!(plan(Some(&attempts), Some(&pending())), Plan::Show);
    }

    #[test]
    fn what_happens_after_order_and_money_agreed_opens_the_question_again() {
        let settled = Attempts::first(created().order_id, created().id, at(1)).settled(at(5));
        assert_eq!((settled.unsettled_since, settled.looked_at), (None, at(5)));
        let again = settled.with(created().id, at(9));
        assert_eq!((again.unsettled_since, again.looked_at, again.payments.len()), (Some(at(9)), at(9), 1));
        assert_eq!(again.with(created().id, at(10)), again);
    }
}
