use crate::domain::{Attempts, OrderState, Payment, PaymentStatus, Refund, RefundReason, RefundStatus};

/// What is to be done about one payment so that its order and its money agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Look {
    /// Nothing: they do.
    Agreed,
    /// Nothing yet: somebody else has the next move, the shopper as a rule.
    Open,
    /// Ask the provider what has become of the intent: a webhook may have been lost.
    AskIntent,
    /// Ask the provider what has become of the refund.
    AskRefund,
    /// The order does not know that it is paid: tell it again.
    TellAgain,
    /// Bring the payment to its end.
    Close(RefundReason),
    /// People have to look.
    Stuck(Stuck),
}

/// Why people have to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stuck {
    /// The provider could not give the money back.
    RefundFailed,
    /// There is money, and no order.
    OrderMissing,
    /// There is money that neither pays the order nor is a surplus.
    Unbooked,
    /// The order counts as paid, and no payment has paid it.
    NothingPaid,
}

impl Stuck {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RefundFailed => "refund_failed",
            Self::OrderMissing => "order_missing",
            Self::Unbooked => "unbooked",
            Self::NothingPaid => "nothing_paid",
        }
    }
}

/// Looks at an order as a whole; its payments are looked at each.
#[must_use]
pub fn look_at_order(order: OrderState, attempts: &Attempts) -> Look {
    match order {
        OrderState::Pending { .. } => Look::Open,
        OrderState::Paid if attempts.paid_by.is_none() => Look::Stuck(Stuck::NothingPaid),
        OrderState::Paid | OrderState::Cancelled | OrderState::Missing => Look::Agreed,
    }
}

/// Looks at a payment of an order.
#[must_use]
pub fn look(order: OrderState, attempts: &Attempts, payment: &Payment, refund: Option<&Refund>) -> Look {
    match refund.map(|refund| refund.status) {
        Some(RefundStatus::Failed) => return Look::Stuck(Stuck::RefundFailed),
        Some(RefundStatus::Pending) => return Look::AskRefund,
        Some(RefundStatus::Requested | RefundStatus::Succeeded) | None => {}
    }
    match payment.status {
        PaymentStatus::Cancelled | PaymentStatus::Refunded => Look::Agreed,
        // The provider refused it for good, and never had an intent.
        PaymentStatus::Failed if payment.provider_id.is_none() => Look::Agreed,
        PaymentStatus::Created | PaymentStatus::Pending | PaymentStatus::Failed => match order {
            OrderState::Cancelled => Look::Close(RefundReason::OrderCancelled),
            OrderState::Paid => Look::Close(RefundReason::Duplicate),
            OrderState::Pending { .. } if attempts.paid_by.is_some() => Look::Close(RefundReason::Duplicate),
            // Nobody has its secret before the provider's answer is written down.
            OrderState::Pending { .. } | OrderState::Missing if payment.provider_id.is_none() => Look::Open,
            OrderState::Pending { .. } | OrderState::Missing => Look::AskIntent,
        },
        PaymentStatus::Captured | PaymentStatus::PartiallyRefunded => match order {
            OrderState::Cancelled => Look::Close(RefundReason::OrderCancelled),
            _ if payment.surplus => Look::Close(RefundReason::Duplicate),
            OrderState::Missing => Look::Stuck(Stuck::OrderMissing),
            _ if attempts.paid_by != Some(payment.id) => Look::Stuck(Stuck::Unbooked),
            OrderState::Paid => Look::Agreed,
            OrderState::Pending { .. } => Look::TellAgain,
        },
    }
}

#[cfg(test)]
mod tests {
    use kernel::PaymentId;

    use super::*;
    use crate::domain::Failure;
    use crate::domain::examples::{at, captured, created, eur, pending};

    const PENDING: OrderState = OrderState::Pending { total: kernel::Money::new(4599, kernel::Currency::EUR) };
    const CLOSE: Look = Look::Close(RefundReason::OrderCancelled);
    const DUPLICATE: Look = Look::Close(RefundReason::Duplicate);

    fn attempts() -> Attempts {
        Attempts::first(created().order_id, created().id, at(1))
    }

    #[test]
    fn a_paid_order_that_nothing_has_paid_is_for_people_to_look_at() {
        let paid = attempts().paid_by(captured().id, at(3));
        let looks = [&attempts(), &paid].map(|attempts| look_at_order(OrderState::Paid, attempts));
        assert_eq!(looks, [Look::Stuck(Stuck::NothingPaid), Look::Agreed]);
    }

    #[test]
    fn each_payment_is_led_to_where_its_order_is() {
        let failure = || Failure { code: "x".into(), detail: String::new() };
        let refused = created().refused(failure(), at(2));
        let declined = pending().refused(failure(), at(2));
        let surplus = Payment { surplus: true, ..captured() };
        let paid = attempts().paid_by(captured().id, at(3));
        let by_other = attempts().paid_by(PaymentId::new(kernel::ulid_at(at(5), 77)), at(5));
        let table = [
            (&created(), &attempts(), [Look::Open, DUPLICATE, CLOSE, Look::Open]),
            (&pending(), &attempts(), [Look::AskIntent, DUPLICATE, CLOSE, Look::AskIntent]),
            (&pending(), &by_other, [DUPLICATE, DUPLICATE, CLOSE, Look::AskIntent]),
            (&declined, &attempts(), [Look::AskIntent, DUPLICATE, CLOSE, Look::AskIntent]),
            (&refused, &attempts(), [Look::Agreed; 4]),
            (&created().given_up(at(2)), &attempts(), [Look::Agreed; 4]),
            (&captured(), &paid, [Look::TellAgain, Look::Agreed, CLOSE, Look::Stuck(Stuck::OrderMissing)]),
            (&surplus, &by_other, [DUPLICATE, DUPLICATE, CLOSE, DUPLICATE]),
            (
                &captured(),
                &by_other,
                [Look::Stuck(Stuck::Unbooked), Look::Stuck(Stuck::Unbooked), CLOSE, Look::Stuck(Stuck::OrderMissing)],
            ),
        ];
        for (payment, attempts, expected) in table {
            let states = [PENDING, OrderState::Paid, OrderState::Cancelled, OrderState::Missing];
            assert_eq!(states.map(|order| look(order, attempts, payment, None)), expected, "{:?}", payment.status);
        }
    }

    #[test]
    fn a_refund_is_followed_until_it_is_through_or_has_failed() {
        let payment = Payment { surplus: true, ..captured() };
        let requested = Refund::closing(&payment, RefundReason::Duplicate, at(9));
        let look_at = |status| {
            let refund = requested.now(status, Some("re_1".into()), at(9));
            look(OrderState::Paid, &attempts(), &payment, Some(&refund))
        };
        assert_eq!(look_at(RefundStatus::Requested), DUPLICATE);
        assert_eq!(look_at(RefundStatus::Pending), Look::AskRefund);
        assert_eq!(look_at(RefundStatus::Failed), Look::Stuck(Stuck::RefundFailed));
        let back = Payment { status: PaymentStatus::Refunded, refunded: eur(4599), ..payment.clone() };
        let through = requested.now(RefundStatus::Succeeded, None, at(9));
        assert_eq!(look(OrderState::Paid, &attempts(), &back, Some(&through)), Look::Agreed);
    }
}
