//! How often the histories took each transition.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use catalog::domain::Movement;
use orders::domain::{Order, OrderStatus};
use payments::domain::{Closing, Look, PaymentStatus, Plan, RefundReason, RefundStatus};

use crate::world::Asks;
use crate::{clock, rows};

/// What happens to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderFact {
    Captured,
    Cancel,
    /// Somebody looks whether it is due.
    Expire,
    ExpireEarly,
}

/// What Stripe tells of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaymentFact {
    Opened,
    Succeeded,
    Failed,
    Cancelled,
    Refunded,
}

/// Each row of [`rows::all`] is to be taken so often.
const LEAST: u64 = 100;

#[derive(Debug, Clone, Default)]
pub(crate) struct Coverage(BTreeMap<String, u64>);

impl Coverage {
    fn count(&mut self, row: String) {
        *self.0.entry(row).or_insert(0) += 1;
    }

    pub(crate) fn placed(&mut self, status: OrderStatus) {
        self.count(format!("order: placed {status:?}"));
    }

    pub(crate) fn order(&mut self, asks: Asks, order: Option<&Order>) {
        let (Asks::Order(fact), Some(order)) = (asks, order) else { return };
        let early = order.status == OrderStatus::PendingPayment && clock::now() < order.expires_at;
        let fact = if fact == OrderFact::Expire && early { OrderFact::ExpireEarly } else { fact };
        self.count(rows::order(order.status, fact));
    }

    pub(crate) fn payment(&mut self, status: PaymentStatus, fact: PaymentFact) {
        self.count(rows::payment(status, fact));
    }

    pub(crate) fn closing(&mut self, why: RefundReason, step: Closing) {
        self.count(rows::closing(why, step));
    }

    pub(crate) fn refund(&mut self, before: Option<RefundStatus>, after: RefundStatus) {
        self.count(rows::refund(before, after));
    }

    pub(crate) fn plan(&mut self, plan: Plan) {
        self.count(rows::plan(plan));
    }

    pub(crate) fn look(&mut self, look: Look) {
        self.count(rows::look(look));
    }

    pub(crate) fn movement(&mut self, movement: Movement) {
        let name = match movement {
            Movement::Adjust(_) => "Adjust",
            Movement::Reserve(_) => "Reserve",
            Movement::Commit(_) => "Commit",
            Movement::Release(_) => "Release",
        };
        self.count(format!("stock: {name}"));
    }

    /// Adds what another history took.
    pub(crate) fn add(&mut self, other: &Self) {
        for (row, count) in &other.0 {
            *self.0.entry(row.clone()).or_insert(0) += count;
        }
    }

    /// All legal transitions with how often they were taken, and what is wrong about that.
    pub(crate) fn table(&self) -> (String, Vec<String>) {
        let (mut table, mut wrong, rows) = (String::new(), Vec::new(), rows::all());
        for row in &rows {
            let count = self.0.get(row).copied().unwrap_or(0);
            writeln!(table, "{count:>9}  {row}").expect("a string takes all that is written");
            if count < LEAST {
                wrong.push(format!("{row}: taken {count} times, not {LEAST}"));
            }
        }
        let unlisted = self.0.iter().filter(|(row, _)| !rows.contains(row));
        wrong.extend(unlisted.map(|(row, count)| format!("{row}: taken {count} times, which nobody listed as legal")));
        (table, wrong)
    }
}
