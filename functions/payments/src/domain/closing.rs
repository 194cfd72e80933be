use crate::domain::{Payment, PaymentStatus, Refund, RefundReason, RefundStatus};

/// What is to be done next about a payment that is closed: its order is, or another payment has paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The provider never answered and the shopper never got a secret: no longer wait for it.
    GiveUp,
    /// The shopper could still pay: close that door.
    CancelIntent,
    /// There is money to give back: write down that it will be, and how much.
    RecordRefund,
    /// Ask the provider for a refund that is written down. Asking twice is one refund.
    AskForRefund,
    /// The provider could not give the money back.
    Stuck,
    /// Nothing, or nothing but waiting.
    Done,
}

/// The next step towards a payment that holds no money and takes none. Each step is safe to repeat. What pays an order that is not
/// closed is left alone.
#[must_use]
pub fn next_step(why: RefundReason, payment: &Payment, refund: Option<&Refund>) -> Closing {
    // People gave back a part since it was written down; the provider refuses it as it is.
    let asks_for_too_much = refund.is_some_and(|refund| refund.amount.amount > payment.kept().amount);
    match (payment.status, refund.map(|refund| refund.status)) {
        (PaymentStatus::Created, _) => Closing::GiveUp,
        (PaymentStatus::Failed, _) if payment.provider_id.is_none() => Closing::GiveUp,
        (PaymentStatus::Pending | PaymentStatus::Failed, _) => Closing::CancelIntent,
        (PaymentStatus::Cancelled | PaymentStatus::Refunded, _) => Closing::Done,
        (PaymentStatus::Captured | PaymentStatus::PartiallyRefunded, _)
            if why == RefundReason::Duplicate && !payment.surplus =>
        {
            Closing::Done
        }
        (PaymentStatus::Captured | PaymentStatus::PartiallyRefunded, refund) => match refund {
            None => Closing::RecordRefund,
            Some(RefundStatus::Requested) if asks_for_too_much => Closing::RecordRefund,
            Some(RefundStatus::Requested) => Closing::AskForRefund,
            Some(RefundStatus::Failed) => Closing::Stuck,
            Some(RefundStatus::Pending | RefundStatus::Succeeded) => Closing::Done,
        },
    }
}

#[cfg(test)]
mod tests {
    use kernel::Money;

    use super::*;
    use crate::domain::payment::examples::{at, captured, created, pending};
    use crate::domain::{Fact, Failure};

    const CANCELLED: RefundReason = RefundReason::OrderCancelled;

    fn learned(payment: &Payment, fact: &Fact) -> Payment {
        payment.learn("pi_1", fact, at(9)).expect("no contradiction").payment
    }

    #[test]
    fn a_payment_of_a_closed_order_is_cancelled_or_paid_back() {
        let failure = Failure { code: "card_declined".into(), detail: String::new() };
        let table = [
            (created(), Closing::GiveUp),
            (created().refused(failure.clone(), at(9)), Closing::GiveUp),
            (pending(), Closing::CancelIntent),
            (learned(&pending(), &Fact::Failed(failure)), Closing::CancelIntent),
            (learned(&pending(), &Fact::Cancelled), Closing::Done),
            (captured(), Closing::RecordRefund),
        ];
        for (payment, step) in table {
            assert_eq!(next_step(CANCELLED, &payment, None), step, "{:?}", payment.status);
        }
    }

    #[test]
    fn a_refund_is_asked_for_until_the_provider_has_it() {
        let payment = captured();
        let requested = Refund::closing(&payment, CANCELLED, at(9));
        assert_eq!(next_step(CANCELLED, &payment, Some(&requested)), Closing::AskForRefund);
        let later = |status| requested.now(status, Some("re_1".into()), at(9));
        assert_eq!(next_step(CANCELLED, &payment, Some(&later(RefundStatus::Pending))), Closing::Done);
        assert_eq!(next_step(CANCELLED, &payment, Some(&later(RefundStatus::Failed))), Closing::Stuck);
    }

    #[test]
    fn a_refund_of_more_than_is_left_is_written_down_anew() {
        let requested = Refund::closing(&captured(), CANCELLED, at(9));
        let part =
            Fact::Refunded { charged: captured().captured, refunded: Money::new(1000, captured().amount.currency) };
        let payment = learned(&captured(), &part);
        assert_eq!(next_step(CANCELLED, &payment, Some(&requested)), Closing::RecordRefund);
        let anew = requested.of_what_is_left(&payment, at(10));
        assert_eq!((anew.amount, anew.id), (payment.kept(), requested.id));
        assert_ne!(anew.provider_key(), requested.provider_key());
        assert_eq!(next_step(CANCELLED, &payment, Some(&anew)), Closing::AskForRefund);
    }

    #[test]
    fn money_that_came_in_spite_of_a_cancellation_goes_back() {
        let cancelled = learned(&pending(), &Fact::Cancelled);
        let paid = learned(&cancelled, &Fact::Succeeded { amount: cancelled.amount });
        assert_eq!(next_step(CANCELLED, &paid, None), Closing::RecordRefund);
    }

    #[test]
    fn of_an_order_that_is_paid_only_the_surplus_goes_back() {
        let surplus = Payment { surplus: true, ..captured() };
        let table = [
            (pending(), Closing::CancelIntent),
            (created(), Closing::GiveUp),
            (surplus, Closing::RecordRefund),
            (captured(), Closing::Done),
        ];
        for (payment, step) in table {
            assert_eq!(next_step(RefundReason::Duplicate, &payment, None), step, "{:?}", payment.status);
        }
    }
}
