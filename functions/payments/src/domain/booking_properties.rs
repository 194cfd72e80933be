//! Whatever comes in for an order, by its payment or by an intent nobody knew, in whatever order: one capture pays, the rest goes back.

use kernel::Money;
use proptest::prelude::*;
use telemetry::Trace;

use crate::domain::examples::{at, created, eur};
use crate::domain::{
    Attempts, Booked, Closing, Fact, Failure, News, OrderState, Payment, RefundReason, Stray, book, book_stray,
    next_step, stray_id,
};

const TOTAL: i64 = 4599;

#[derive(Debug, Clone)]
enum Event {
    Told { stray: bool, fact: Fact },
    Confirmed,
    Cancelled,
}

fn event() -> impl Strategy<Value = Event> {
    let fact = prop_oneof![
        3 => Just(Fact::Succeeded { amount: eur(TOTAL) }),
        1 => Just(Fact::Failed(Failure { code: "card_declined".into(), detail: String::new() })),
        1 => Just(Fact::Cancelled),
        1 => prop_oneof![Just(1000), Just(TOTAL)]
            .prop_map(|refunded| Fact::Refunded { charged: eur(TOTAL), refunded: eur(refunded) }),
    ];
    prop_oneof![
        6 => (any::<bool>(), fact).prop_map(|(stray, fact)| Event::Told { stray, fact }),
        1 => Just(Event::Confirmed),
        1 => Just(Event::Cancelled),
    ]
}

struct World {
    order: OrderState,
    attempts: Attempts,
    payment: Payment,
    stray: Option<Payment>,
    news: Vec<News>,
}

impl World {
    fn new() -> Self {
        let payment = created();
        let attempts = Attempts::first(payment.order_id, payment.id, at(1));
        Self { order: OrderState::Pending { total: eur(TOTAL) }, attempts, payment, stray: None, news: Vec::new() }
    }

    fn happens(&mut self, event: &Event, second: i64) {
        match event {
            Event::Told { stray, fact } => self.told(*stray, fact, second),
            Event::Confirmed if self.attempts.paid_by.is_some() && self.is_pending() => self.order = OrderState::Paid,
            Event::Cancelled if self.is_pending() => self.order = OrderState::Cancelled,
            Event::Confirmed | Event::Cancelled => {}
        }
    }

    fn is_pending(&self) -> bool {
        matches!(self.order, OrderState::Pending { .. })
    }

    fn told(&mut self, is_stray: bool, fact: &Fact, second: i64) {
        let known = if is_stray { self.stray.clone() } else { Some(self.payment.clone()) };
        let intent = if is_stray { "pi_x" } else { "pi_1" };
        let booked = match known {
            Some(payment) => Some(book(self.order, Some(&self.attempts), &payment, intent, fact, at(second)).unwrap()),
            None => self.unknown(intent, fact, second),
        };
        let Some(Booked { payment, attempts, news }) = booked else { return };
        self.attempts = attempts.unwrap_or_else(|| self.attempts.clone());
        self.news.extend(news);
        if is_stray { self.stray = Some(payment) } else { self.payment = payment }
    }

    /// The order's state is all that counts of it here.
    fn unknown(&self, intent: &str, fact: &Fact, second: i64) -> Option<Booked> {
        let order = match self.order {
            OrderState::Missing => None,
            state => Some(orders::interface::Order {
                status: match state {
                    OrderState::Paid => orders::interface::OrderStatus::Confirmed,
                    OrderState::Cancelled => orders::interface::OrderStatus::Cancelled,
                    _ => orders::interface::OrderStatus::PendingPayment,
                },
                ..crate::domain::examples::order()
            }),
        };
        let stray = Stray { order_id: self.payment.order_id, order, trace: Trace::start("webhook") };
        book_stray(&stray, Some(&self.attempts), intent, fact, at(second)).unwrap()
    }

    fn payments(&self) -> impl Iterator<Item = &Payment> {
        std::iter::once(&self.payment).chain(&self.stray)
    }

    fn sum(&self, amount: impl Fn(&News) -> Option<Money>) -> i64 {
        self.news.iter().filter_map(amount).map(|money| money.amount).sum()
    }
}

proptest! {
    #[test]
    fn one_capture_pays_and_every_other_is_a_surplus(events in prop::collection::vec(event(), 0..25)) {
        let mut world = World::new();
        for (second, event) in (10..).zip(&events) {
            let paid_by = world.attempts.paid_by;
            world.happens(event, second);
            prop_assert!(paid_by.is_none() || paid_by == world.attempts.paid_by, "who has paid once has paid");
            let taken = world.sum(|news| if let News::Captured(amount) = news { Some(*amount) } else { None });
            let back = world.sum(|news| if let News::Refunded(amount) = news { Some(*amount) } else { None });
            prop_assert_eq!(taken, if world.attempts.paid_by.is_some() { TOTAL } else { 0 });
            prop_assert!(0 <= back && back <= taken);
            for payment in world.payments().filter(|payment| !payment.captured.is_zero()) {
                let pays = world.attempts.paid_by == Some(payment.id);
                prop_assert_eq!(payment.surplus, !pays);
                prop_assert!(world.attempts.payments.contains(&payment.id));
            }
        }
    }

    #[test]
    fn closing_gives_back_all_but_what_pays_an_order_that_is_open_or_paid(events in prop::collection::vec(event(), 0..25)) {
        let mut world = World::new();
        for (second, event) in (10..).zip(&events) {
            world.happens(event, second);
        }
        for payment in world.payments().filter(|payment| payment.kept().amount > 0) {
            let kept = next_step(RefundReason::Duplicate, payment, None) == Closing::Done;
            prop_assert_eq!(kept, world.attempts.paid_by == Some(payment.id));
            prop_assert_eq!(next_step(RefundReason::OrderCancelled, payment, None), Closing::RecordRefund);
        }
        prop_assert!(world.stray.as_ref().is_none_or(|stray| stray.id == stray_id("pi_x")));
    }
}
