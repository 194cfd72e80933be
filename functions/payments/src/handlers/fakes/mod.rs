//! A small world for tests: one order, the payments' table and Stripe, in memory. It can die at any of its calls, before or after the
//! effect, as a function can.

mod creating;
mod store;
mod stripe;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use api::idempotency::Record;
use dynamo::{Key, Row};
use kernel::{PaymentId, RefundId, Timestamp, Ulid};
use orders::interface::{Order, OrderStatus};

use crate::domain::{Attempts, News, Payment, Refund, examples};
use crate::handlers::Clock;

pub(crate) type Meanwhile = Box<dyn FnOnce(&World)>;

#[derive(Clone)]
pub(crate) struct World(Rc<Inner>);

pub(crate) struct Inner {
    pub(crate) order: RefCell<Order>,
    pub(crate) payments: RefCell<BTreeMap<PaymentId, Row<Payment>>>,
    pub(crate) attempts: RefCell<Option<Row<Attempts>>>,
    pub(crate) refunds: RefCell<BTreeMap<PaymentId, Row<Refund>>>,
    pub(crate) records: RefCell<HashMap<Key, Row<Record>>>,
    pub(crate) events: RefCell<BTreeSet<String>>,
    pub(crate) told: RefCell<Vec<News>>,
    pub(crate) intents: RefCell<BTreeMap<String, FakeIntent>>,
    /// What Stripe has given back, by the refund's id.
    pub(crate) refunded: RefCell<BTreeMap<RefundId, i64>>,
    /// How often Stripe was asked for anything.
    pub(crate) asked: Cell<u32>,
    /// How Stripe answers, when not well.
    pub(crate) trouble: Cell<Option<Trouble>>,
    /// Happens while Stripe is being asked to open an intent.
    pub(crate) meanwhile: RefCell<Option<Meanwhile>>,
    points: Cell<u32>,
    dies_at: Cell<Option<u32>>,
}

#[derive(Debug, Clone)]
pub(crate) struct FakeIntent {
    pub(crate) id: String,
    /// The idempotency key that it was made under.
    pub(crate) key: String,
    pub(crate) status: &'static str,
    pub(crate) amount: i64,
    pub(crate) refunded: i64,
    pub(crate) metadata: serde_json::Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    NotConfigured,
    Unavailable,
    /// An error that Stripe keeps for the key.
    Failing,
    AmountTooSmall,
    RefundPending,
    RefundFailed,
}

thread_local! {
    static SECOND: Cell<i64> = const { Cell::new(0) };
    static IDS: Cell<u128> = const { Cell::new(100) };
}

/// Seconds after the order was placed.
pub(crate) fn set_second(second: i64) {
    SECOND.set(second);
}

pub(crate) fn clock() -> Clock {
    fn now() -> Timestamp {
        examples::at(SECOND.get())
    }
    fn new_id() -> Ulid {
        IDS.set(IDS.get() + 1);
        kernel::ulid_at(now(), IDS.get())
    }
    Clock { now, new_id }
}

/// The function died.
pub(crate) struct Dead;

impl World {
    pub(crate) fn new() -> Self {
        set_second(10);
        Self(Rc::new(Inner {
            order: RefCell::new(examples::order()),
            payments: RefCell::default(),
            attempts: RefCell::default(),
            refunds: RefCell::default(),
            records: RefCell::default(),
            events: RefCell::default(),
            told: RefCell::default(),
            intents: RefCell::default(),
            refunded: RefCell::default(),
            asked: Cell::new(0),
            trouble: Cell::new(None),
            meanwhile: RefCell::new(None),
            points: Cell::new(0),
            dies_at: Cell::new(None),
        }))
    }

    /// A world with this payment in it, opened at Stripe unless Stripe has not heard of it.
    pub(crate) fn with(payment: Payment) -> Self {
        let world = Self::new();
        if let Some(id) = &payment.provider_id {
            let intent = stripe::fake_intent(&payment, id);
            let paid = if payment.captured.is_zero() { "requires_payment_method" } else { "succeeded" };
            world.intents.borrow_mut().insert(id.clone(), FakeIntent { status: paid, ..intent });
        }
        let attempts = Attempts::first(payment.order_id, payment.id, payment.created_at);
        let paid = (!payment.captured.is_zero()).then_some(payment.id);
        let attempts = Attempts { paid_by: paid, ..attempts };
        *world.attempts.borrow_mut() = Some(crate::store::Payments::attempts_row(&attempts));
        let row = crate::store::Payments::row(payment);
        world.payments.borrow_mut().insert(row.body.id, row);
        world
    }

    pub(crate) fn close_order(&self) {
        self.order.borrow_mut().status = OrderStatus::Cancelled;
    }

    /// The order hears of its payment.
    pub(crate) fn confirm_order(&self) {
        self.order.borrow_mut().status = OrderStatus::Confirmed;
    }

    /// Somebody copies the intent of the only payment.
    pub(crate) fn second_intent(&self) {
        let intent = FakeIntent { id: "pi_x".to_owned(), key: "by hand".to_owned(), ..self.intent() };
        self.intents.borrow_mut().insert(intent.id.clone(), intent);
    }

    pub(crate) fn attempts(&self) -> Attempts {
        self.attempts.borrow().clone().unwrap().body
    }

    /// The shopper pays at Stripe.
    pub(crate) fn pay(&self) {
        let mut intents = self.intents.borrow_mut();
        for intent in intents.values_mut().filter(|intent| intent.status != "canceled") {
            intent.status = "succeeded";
        }
    }

    /// What Stripe still has of what shoppers paid.
    pub(crate) fn money_at_stripe(&self) -> i64 {
        let intents = self.intents.borrow();
        let paid = intents.values().filter(|intent| intent.status == "succeeded");
        paid.map(|intent| intent.amount - intent.refunded).sum()
    }

    /// The only payment.
    pub(crate) fn payment(&self) -> Payment {
        let payments = self.payments.borrow();
        assert_eq!(payments.len(), 1, "there is one payment");
        payments.values().next().unwrap().body.clone()
    }

    /// The only intent.
    pub(crate) fn intent(&self) -> FakeIntent {
        let intents = self.intents.borrow();
        assert_eq!(intents.len(), 1, "there is one intent");
        intents.values().next().unwrap().clone()
    }

    /// From the `point`th moment on, nothing that is asked for happens; each call has one before and one after its effect.
    pub(crate) fn die_at(&self, point: u32) {
        self.points.set(0);
        self.dies_at.set(Some(point));
    }

    /// Whether it had died; then a new function takes its place.
    pub(crate) fn revive(&self) -> bool {
        let died = self.dies_at.get().is_some_and(|at| self.points.get() >= at);
        self.dies_at.set(None);
        died
    }

    pub(crate) fn point(&self) -> Result<(), Dead> {
        self.points.set(self.points.get() + 1);
        if self.dies_at.get().is_some_and(|at| self.points.get() >= at) { Err(Dead) } else { Ok(()) }
    }

    /// What was announced as taken, and as given back.
    pub(crate) fn money_told(&self) -> (i64, i64) {
        self.told.borrow().iter().fold((0, 0), |(taken, back), news| match news {
            News::Captured(amount) => (taken + amount.amount, back),
            News::Refunded(amount) => (taken, back + amount.amount),
            News::Failed(_) => (taken, back),
        })
    }
}

impl std::ops::Deref for World {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
