//! Every five minutes: closes what was to be paid by now, in case the message that does it was lost. A lost message costs minutes, and
//! no stock for ever.

use std::collections::HashMap;
use std::error::Error as _;

use dynamo::StoreError;
use kernel::{OrderId, Timestamp, Ulid};
use serde::Serialize;
use tracing::field::display;
use tracing::{error, warn};

use crate::handlers::expiry::{Expiry, expire};
use crate::handlers::transition::{ConsumerError, LoadOrder, SaveTransition};

/// How often the shards take turns to be the first.
const TURN_SECONDS: i64 = 300;

/// Orders that were to be paid by `now` when they were placed, the longest overdue first. The list is spread over shards, and follows
/// the orders a moment later.
pub trait ListDue {
    fn shards(&self) -> u8;

    async fn list_due(
        &self,
        shard: u8,
        now: Timestamp,
        after: Option<HashMap<String, String>>,
    ) -> Result<DuePage, StoreError>;
}

/// Takes an order off the list; once more changes nothing.
pub trait ForgetDue {
    async fn forget_due(&self, id: OrderId) -> Result<(), StoreError>;
}

/// A page of the list, and where the next one starts.
#[derive(Debug, Default)]
pub struct DuePage {
    pub orders: Vec<Result<OrderId, StoreError>>,
    pub next: Option<HashMap<String, String>>,
}

pub struct Deps<S> {
    pub orders: S,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

/// What a sweep came to, in orders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Closed now.
    pub expired: u32,
    /// Somebody is paying: they have more time.
    pub still_open: u32,
    /// Paid or closed before, and still listed.
    pub stale: u32,
    /// Left for the next sweep, and told in the log.
    pub failed: u32,
    /// The time was over before the list was.
    pub unfinished: bool,
}

/// Walks the list up to now, and stops at `until`: the next sweep starts over, and what this one closed is no longer listed.
///
/// # Errors
/// [`StoreError`] when the list cannot be read. What fails for one order is counted, and keeps nothing back.
pub async fn handle(
    deps: &Deps<impl ListDue + ForgetDue + LoadOrder + SaveTransition>,
    until: Timestamp,
) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    for shard in in_turn(deps.orders.shards(), (deps.now)()) {
        let mut after = None;
        loop {
            let page = deps.orders.list_due(shard, (deps.now)(), after).await?;
            for listed in page.orders {
                if (deps.now)() >= until {
                    swept.unfinished = true;
                    return Ok(swept);
                }
                match one(deps, listed).await.inspect_err(report) {
                    Ok(Expiry::Expired) => swept.expired += 1,
                    Ok(Expiry::Open { .. }) => swept.still_open += 1,
                    Ok(Expiry::Over) => swept.stale += 1,
                    Err(_) => swept.failed += 1,
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(swept)
}

async fn one(
    deps: &Deps<impl ForgetDue + LoadOrder + SaveTransition>,
    listed: Result<OrderId, StoreError>,
) -> Result<Expiry, ConsumerError> {
    let id = listed?;
    let expiry = expire(&deps.orders, id, (deps.now)(), deps.new_id).await?;
    if expiry == Expiry::Over {
        // An earlier release closed it, or the list has not followed yet.
        warn!(order_id = %id, "an order that is over was still listed as due");
        deps.orders.forget_due(id).await?;
    }
    Ok(expiry)
}

fn report(cause: &ConsumerError) {
    let source = cause.source().map(display);
    error!(cause = %cause, source, "an order that is due stays open until the next sweep");
}

/// All shards, each time beginning with another one, so that a long list in one of them does not always keep back the others.
fn in_turn(shards: u8, now: Timestamp) -> impl Iterator<Item = u8> {
    let count = i64::from(shards);
    let turn = now.epoch_seconds() / TURN_SECONDS;
    (0..count)
        .map(move |n| u8::try_from((turn + n) % count).expect("the remainder is smaller than the number of shards"))
}

#[cfg(test)]
mod tests;
