//! Every transition that is legal, listed from the enums themselves: who adds a state has to say here what may happen in it.

use orders::domain::OrderStatus;
use payments::domain::{Closing, Look, PaymentStatus, Plan, RefundReason, RefundStatus, Stuck};

use crate::coverage::{OrderFact, PaymentFact};

/// All values of an enum; one that is missing does not compile.
macro_rules! every {
    ($name:ident: $type:ident { $($variant:ident),+ $(,)? }) => {
        const $name: &[$type] = {
            const fn _all_are_listed(value: $type) {
                match value {
                    $($type::$variant => (),)+
                }
            }
            &[$($type::$variant),+]
        };
    };
}

every!(ORDER_STATUSES: OrderStatus { PendingPayment, Confirmed, Cancelled, Completed });
every!(ORDER_FACTS: OrderFact { Captured, Cancel, Expire, ExpireEarly });
every!(PAYMENT_STATUSES: PaymentStatus { Created, Pending, Failed, Cancelled, Captured, PartiallyRefunded, Refunded });
every!(PAYMENT_FACTS: PaymentFact { Opened, Succeeded, Failed, Cancelled, Refunded });
every!(REFUND_STATUSES: RefundStatus { Requested, Pending, Succeeded, Failed });
every!(REASONS: RefundReason { OrderCancelled, Duplicate });
every!(CLOSINGS: Closing { GiveUp, CancelIntent, RecordRefund, AskForRefund, Stuck, Done });
every!(PLANS: Plan { Begin, Join, Show, NotPayable });
every!(STUCK: Stuck { RefundFailed, OrderMissing, Unbooked, NothingPaid });

/// The names of all rows.
pub(crate) fn all() -> Vec<String> {
    let pairs = |left: usize, right: usize| (0..left).flat_map(move |left| (0..right).map(move |right| (left, right)));
    let mut rows = vec!["order: placed PendingPayment".to_owned(), "order: placed Confirmed".to_owned()];
    for (status, fact) in pairs(ORDER_STATUSES.len(), ORDER_FACTS.len()) {
        let (status, fact) = (ORDER_STATUSES[status], ORDER_FACTS[fact]);
        rows.extend(happens_to_order(status, fact).then(|| order(status, fact)));
    }
    for (status, fact) in pairs(PAYMENT_STATUSES.len(), PAYMENT_FACTS.len()) {
        let (status, fact) = (PAYMENT_STATUSES[status], PAYMENT_FACTS[fact]);
        rows.extend(happens_to_payment(status, fact).then(|| payment(status, fact)));
    }
    for after in REFUND_STATUSES {
        for before in [None].into_iter().chain(REFUND_STATUSES.iter().copied().map(Some)) {
            rows.extend(happens_to_refund(before, *after).then(|| refund(before, *after)));
        }
    }
    for (why, step) in pairs(REASONS.len(), CLOSINGS.len()) {
        rows.push(closing(REASONS[why], CLOSINGS[step]));
    }
    rows.extend(PLANS.iter().map(|asked| plan(*asked)));
    rows.extend(looks().into_iter().map(look));
    rows.extend(["Adjust", "Reserve", "Commit", "Release"].iter().skip(1).map(|name| format!("stock: {name}")));
    rows
}

fn happens_to_order(status: OrderStatus, fact: OrderFact) -> bool {
    match status {
        OrderStatus::PendingPayment => true,
        OrderStatus::Confirmed | OrderStatus::Cancelled => fact != OrderFact::ExpireEarly,
        // Nothing is shipped yet.
        OrderStatus::Completed => false,
    }
}

fn happens_to_payment(status: PaymentStatus, fact: PaymentFact) -> bool {
    // Stripe cancels nothing that is paid.
    let is_paid =
        matches!(status, PaymentStatus::Captured | PaymentStatus::PartiallyRefunded | PaymentStatus::Refunded);
    !(is_paid && fact == PaymentFact::Cancelled)
}

fn happens_to_refund(before: Option<RefundStatus>, after: RefundStatus) -> bool {
    use RefundStatus::{Failed, Pending, Requested, Succeeded};
    match (before, after) {
        // Asked for again under another key, after the provider had failed.
        (None | Some(Requested), Requested) => true,
        (None | Some(Pending | Succeeded | Failed), Requested | Pending) => false,
        (None, Succeeded | Failed) => false,
        (Some(Requested), Pending | Succeeded | Failed) => true,
        (Some(Pending), Succeeded | Failed) => true,
        // The bank sent it back.
        (Some(Succeeded), Failed) => true,
        // What the provider failed at, people did by hand.
        (Some(Failed), Succeeded) => true,
        (Some(Succeeded), Succeeded) | (Some(Failed), Failed) => false,
    }
}

fn looks() -> Vec<Look> {
    fn _all_are_listed(look: Look) {
        match look {
            Look::Agreed | Look::Open | Look::AskIntent | Look::AskRefund | Look::TellAgain => (),
            Look::Close(_) | Look::Stuck(_) => (),
        }
    }
    let mut looks = vec![Look::Agreed, Look::Open, Look::AskIntent, Look::AskRefund, Look::TellAgain];
    looks.extend(REASONS.iter().map(|why| Look::Close(*why)));
    let happens = |why: &Stuck| match why {
        Stuck::RefundFailed => true,
        // Orders are never deleted, and all money is booked.
        Stuck::OrderMissing | Stuck::Unbooked | Stuck::NothingPaid => false,
    };
    looks.extend(STUCK.iter().copied().filter(happens).map(Look::Stuck));
    looks
}

pub(crate) fn order(status: OrderStatus, fact: OrderFact) -> String {
    format!("order {status:?}: {fact:?}")
}

pub(crate) fn payment(status: PaymentStatus, fact: PaymentFact) -> String {
    format!("payment {status:?}: {fact:?}")
}

pub(crate) fn refund(before: Option<RefundStatus>, after: RefundStatus) -> String {
    match before {
        None => format!("refund: becomes {after:?}"),
        Some(before) => format!("refund {before:?}: becomes {after:?}"),
    }
}

pub(crate) fn closing(why: RefundReason, step: Closing) -> String {
    format!("closing for {why:?}: {step:?}")
}

pub(crate) fn plan(plan: Plan) -> String {
    format!("asked to pay: {plan:?}")
}

pub(crate) fn look(look: Look) -> String {
    format!("reconciling: {look:?}")
}
