//! The world that a history happens in: the tables of three services, the queues between them, and Stripe. Each answer of a table is
//! one transaction, as in the shop; between two of them anything else may happen.

use std::cell::{RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Display;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use api::idempotency::{Claim, Record};
use catalog::domain::{Hold, Movement, Stock};
use dynamo::{Key, Row};
use kernel::{EventId, OrderId, PaymentId, Sku};
use orders::domain::{Order, OrderStatus};
use payments::domain::{Attempts, Payment, Refund};
use payments::handlers::reconcile::Report;

use crate::bag::Message;
use crate::command::NEWEST;
use crate::coverage::{Coverage, OrderFact, PaymentFact};
use crate::goods::{SHELF, sku};
use crate::stripe::Stripe;

/// A handle to the world; every piece of work has its own.
#[derive(Clone)]
pub(crate) struct World {
    state: Rc<RefCell<State>>,
    /// What the work is about, for the coverage.
    pub(crate) asks: Asks,
    /// The intent that Stripe tells of.
    pub(crate) intent: Option<Rc<str>>,
}

/// What a piece of work tells an order or a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    Nothing,
    Order(OrderFact),
    Payment(PaymentFact),
    /// Whether it agrees with its order.
    Agreement,
}

pub(crate) struct State {
    pub(crate) orders: BTreeMap<OrderId, Row<Order>>,
    pub(crate) holds: BTreeMap<OrderId, Hold>,
    pub(crate) stock: BTreeMap<Sku, Stock>,
    pub(crate) payments: BTreeMap<PaymentId, Row<Payment>>,
    pub(crate) refunds: BTreeMap<PaymentId, Row<Refund>>,
    pub(crate) attempts: BTreeMap<OrderId, Row<Attempts>>,
    /// Answers of requests, by their keys.
    pub(crate) records: HashMap<Key, Row<Record>>,
    /// What consumers remember of the bus.
    pub(crate) seen: BTreeSet<(&'static str, EventId)>,
    /// What payments remember of Stripe.
    pub(crate) handled: BTreeSet<String>,
    /// What is under way.
    pub(crate) bag: Vec<Message>,
    /// What is under way and does not arrive for a while.
    pub(crate) astray: Vec<Message>,
    pub(crate) stripe: Stripe,
    pub(crate) told: Told,
    pub(crate) coverage: Coverage,
    /// What shoppers were answered when they asked for a payment.
    pub(crate) answers: BTreeMap<(OrderId, u8), String>,
    /// Batches that were read.
    reads: u32,
    /// What reconciling reported.
    pub(crate) reports: Vec<Report>,
    /// What was seen to be wrong.
    pub(crate) wrong: Vec<String>,
    /// What happened, for people to read, once something has gone wrong.
    pub(crate) diary: Option<Vec<String>>,
}

/// What was announced, ever.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) confirmed: Vec<OrderId>,
    pub(crate) cancelled: Vec<OrderId>,
    pub(crate) captured: BTreeMap<OrderId, BTreeSet<PaymentId>>,
    /// Mails, each written once for an event.
    pub(crate) mails: Vec<(OrderId, OrderStatus)>,
}

impl World {
    /// A shop with its shelf filled, before the first order.
    pub(crate) fn new() -> Self {
        let delivered = |(text, _, units): &(&str, i64, i64)| {
            (sku(text), Stock::NONE.after(Movement::Adjust(*units)).expect("a delivery fits"))
        };
        let state = State {
            orders: BTreeMap::new(),
            holds: BTreeMap::new(),
            stock: SHELF.iter().map(delivered).collect(),
            payments: BTreeMap::new(),
            refunds: BTreeMap::new(),
            attempts: BTreeMap::new(),
            records: HashMap::new(),
            seen: BTreeSet::new(),
            handled: BTreeSet::new(),
            bag: Vec::new(),
            astray: Vec::new(),
            stripe: Stripe::default(),
            told: Told::default(),
            coverage: Coverage::default(),
            answers: BTreeMap::new(),
            reads: 0,
            reports: Vec::new(),
            wrong: Vec::new(),
            diary: None,
        };
        Self { state: Rc::new(RefCell::new(state)), asks: Asks::Nothing, intent: None }
    }

    pub(crate) fn asking(&self, asks: Asks) -> Self {
        Self { asks, ..self.clone() }
    }

    pub(crate) fn hearing_of(&self, intent: &str, asks: Asks) -> Self {
        Self { intent: Some(intent.into()), ..self.asking(asks) }
    }

    /// A look at it; never held over an await.
    pub(crate) fn state(&self) -> RefMut<'_, State> {
        self.state.borrow_mut()
    }

    /// Where something else may happen before the next call has its effect.
    pub(crate) async fn call(&self) -> RefMut<'_, State> {
        let mut asked = false;
        poll_fn(|_| if std::mem::replace(&mut asked, true) { Poll::Ready(()) } else { Poll::Pending }).await;
        self.state()
    }
}

impl World {
    /// Reads two rows at once, as a batch does: each as it is at some moment, and not at the same.
    pub(crate) async fn batch<A, B>(&self, one: impl Fn(&State) -> A, other: impl Fn(&State) -> B) -> (A, B) {
        self.call().await.reads += 1;
        if self.state().reads.is_multiple_of(2) {
            let first = one(&self.state());
            (first, other(&*self.call().await))
        } else {
            let first = other(&self.state());
            (one(&*self.call().await), first)
        }
    }
}

impl State {
    pub(crate) fn note(&mut self, line: impl Display) {
        if let Some(diary) = &mut self.diary {
            diary.push(line.to_string());
        }
    }

    /// The order number `n`, counted round; or the newest.
    pub(crate) fn order(&self, n: u8) -> Option<&Order> {
        if n == NEWEST {
            return self.orders.values().next_back().map(|row| &row.body);
        }
        let count = self.orders.len();
        (count > 0).then(|| self.orders.values().nth(usize::from(n) % count).map(|row| &row.body))?
    }

    pub(crate) fn record(&self, claim: &Claim) -> Option<Row<Record>> {
        self.records.get(&claim.key()).cloned()
    }

    pub(crate) fn keep(&mut self, claim: &Claim, record: Record) {
        self.records.insert(claim.key(), Row::new(claim.key(), record));
    }
}

/// The row after a write.
pub(crate) fn next<T: Clone>(before: &Row<T>, body: T) -> Row<T> {
    Row { version: before.version + 1, body, ..before.clone() }
}
