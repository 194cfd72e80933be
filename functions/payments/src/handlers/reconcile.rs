//! Compares orders with their money, and mends what lost webhooks, lost events and crashes have left.
//!
//! Every order with a payment is looked at until it is closed or paid and all its payments agree with that. Whoever is looked at and
//! still open moves to the end of the line, so that a walk that runs out of time is gone on with by the next. Each mending is one of
//! the steps that webhooks and cancellations take, so a crash between any two is harmless: the next walk finds what is left.

mod payment;
mod report;

use dynamo::{Row, StoreError, WriteError};
use kernel::{OrderId, Timestamp};
use orders::interface::Order;
use serde::Deserialize;
use tracing::{Instrument as _, error, info, warn};

use crate::domain::{Attempts, Look, OrderState, look_at_order};
use crate::handlers::close_payment::LoadHeld;
use crate::handlers::{CancelIntent, Clock, Raced, RefundIntent, RetrieveIntent, RetrieveRefund, SaveChange};

pub use report::{Mended, Report, StuckOrder};

/// Unsettled orders are spread over so many partitions of the index.
pub const SHARDS: u8 = 4;
/// Webhooks and the outbox have this long before anybody looks after them.
const GRACE_SECONDS: i64 = 300;
/// Once to mend, once to see that it has helped.
const PASSES: u32 = 2;

pub trait ListUnsettled {
    /// A page of a shard's orders that nobody has looked at since `before`, the longest waiting first.
    async fn list_unsettled(
        &self,
        shard: u8,
        before: Timestamp,
        position: Option<Position>,
    ) -> Result<(Vec<OrderId>, Option<Position>), StoreError>;
}

/// Where a page ended.
pub type Position = std::collections::HashMap<String, String>;

pub trait LoadCase {
    /// The order's attempts, and the order.
    async fn load_case(&self, id: OrderId) -> Result<Option<Case>, StoreError>;
}

pub trait SaveAttempts {
    async fn save_attempts(&self, before: &Row<Attempts>, after: &Attempts) -> Result<(), WriteError<Raced>>;
}

/// What is looked at.
#[derive(Debug, Clone)]
pub struct Case {
    pub attempts: Row<Attempts>,
    pub order: Option<Order>,
}

/// What a schedule or an operator sends; whatever else a schedule sends is passed over.
#[derive(Debug, Default, Deserialize)]
pub struct Reconcile {
    #[serde(default)]
    older_than_seconds: Option<u32>,
}

pub struct Deps<S, P> {
    pub store: S,
    pub provider: P,
    pub clock: Clock,
    /// After this long no further order is begun with.
    pub patience_seconds: i64,
}

/// # Errors
/// [`StoreError`] when the orders cannot be listed; whatever goes wrong with one of them is reported as stuck.
pub async fn handle<S, P>(deps: &Deps<S, P>, asked: Reconcile) -> Result<Report, StoreError>
where
    S: ListUnsettled + LoadCase + LoadHeld + SaveChange + SaveAttempts,
    P: CancelIntent + RetrieveIntent + RefundIntent + RetrieveRefund,
{
    let started = (deps.clock.now)();
    let grace = asked.older_than_seconds.map_or(GRACE_SECONDS, i64::from);
    let mut report = Report { finished: true, ..Report::default() };
    // Another shard is the first each time, so that none is always the one that time does not suffice for.
    let first = u8::try_from(started.epoch_seconds() / GRACE_SECONDS % i64::from(SHARDS)).unwrap_or_default();
    for shard in (0..SHARDS).map(|n| (first + n) % SHARDS) {
        let mut position = None;
        loop {
            let (orders, next) = deps.store.list_unsettled(shard, started.plus_seconds(-grace), position).await?;
            for order in orders {
                if (deps.clock.now)().seconds_since(started) >= deps.patience_seconds {
                    report.finished = false;
                    return Ok(report);
                }
                report.checked += 1;
                check(deps, order, grace, started, &mut report).await;
            }
            position = next;
            if position.is_none() {
                break;
            }
        }
    }
    Ok(report)
}

/// Looks at one order, and writes down that somebody has.
async fn check<S, P>(deps: &Deps<S, P>, id: OrderId, grace: i64, started: Timestamp, report: &mut Report)
where
    S: LoadCase + LoadHeld + SaveChange + SaveAttempts,
    P: CancelIntent + RetrieveIntent + RefundIntent + RetrieveRefund,
{
    let mut outcome = Ok(());
    for pass in 0..PASSES {
        let case = match deps.store.load_case(id).await {
            Ok(Some(case)) => case,
            Ok(None) => return,
            Err(cause) => return report.stuck(id, None, &cause.to_string()),
        };
        let span = case.order.as_ref().map_or_else(telemetry::span, |order| order.trace.span());
        let (mended, stuck) = (report.mended.len(), report.stuck.len());
        let agreed = look_at(deps, &case, grace, pass > 0, report).instrument(span.clone()).await;
        if report.mended.len() > mended && report.stuck.len() == stuck {
            continue;
        }
        let is_stuck = report.stuck.len() > stuck;
        // Never again within this walk.
        let now = (deps.clock.now)().max(Timestamp::from_epoch_millis(started.epoch_millis() + 1));
        let attempts = &case.attempts.body;
        let after = if agreed { attempts.settled(now) } else { attempts.still_open(now) };
        outcome = deps.store.save_attempts(&case.attempts, &after).await;
        let _guard = span.enter();
        match (&outcome, agreed) {
            (Ok(()), true) => info!(order_id = %id, "settled"),
            _ if is_stuck => error!(order_id = %id, "order and money do not agree: people have to look"),
            _ => report.open += 1,
        }
        break;
    }
    if let Err(WriteError::Store(cause)) = outcome {
        warn!(order_id = %id, cause = %cause, "not written down that somebody has looked");
    }
}

/// Looks at each payment of the order; whether all agree with it.
async fn look_at<S, P>(deps: &Deps<S, P>, case: &Case, grace: i64, again: bool, report: &mut Report) -> bool
where
    S: LoadHeld + SaveChange,
    P: CancelIntent + RetrieveIntent + RefundIntent + RetrieveRefund,
{
    let (attempts, order) = (&case.attempts.body, OrderState::of(case.order.as_ref()));
    let mut agreed = match look_at_order(order, attempts) {
        Look::Agreed => true,
        Look::Stuck(why) => {
            report.stuck(attempts.order_id, None, why.as_str());
            false
        }
        _ => false,
    };
    for payment in &attempts.payments {
        agreed &= payment::settle(deps, order, (*payment, attempts.order_id), grace, again, report).await;
    }
    agreed
}

#[cfg(test)]
mod tests;
