use dynamo::outbox::{SHARDS, partition};
use dynamo::{Change, Condition, Entity, Key, Personal, Query, Row, StoreError, WriteError, WriteSet};
use kernel::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use tracing::{Instrument, info, warn};

use crate::bus::Bus;
use crate::outbox::OutboxTable;

/// The relay has this long before the sweep sends a row too.
const GRACE_SECONDS: i64 = 60;
/// An hour counts as over only after its clocks surely are.
const SKEW_SECONDS: i64 = 300;
/// Where the first sweep of a table begins.
const FIRST_LOOK_BACK_SECONDS: i64 = 24 * HOUR_SECONDS;
const HOUR_SECONDS: i64 = 3600;

/// Up to where all events are known to be sent. Without it, every sweep would have to look at every hour there ever was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swept {
    until: Timestamp,
}

impl Entity for Swept {
    const TYPE: &'static str = "swept";
    const PERSONAL: Personal = Personal::None;
}

fn swept_key() -> Key {
    Key::new("SWEPT", "SWEPT")
}

/// The whole program of `<service>-sweep`: every minute, sends what has waited for over a minute.
///
/// # Errors
/// Only when a setting is missing or the runtime itself fails.
pub async fn sweep() -> Result<(), Error> {
    telemetry::init();
    let table: &'static OutboxTable = Box::leak(Box::new(OutboxTable::from_env().await?));
    let bus: &'static Bus = Box::leak(Box::new(Bus::from_env().await?));
    lambda_runtime::run(service_fn(move |_: LambdaEvent<serde_json::Value>| {
        async move {
            let sent = run(table, bus, kernel::fresh::now()).await?;
            info!(sent, "swept");
            Ok::<_, Error>(())
        }
        .instrument(telemetry::span())
    }))
    .await
}

/// Tries every waiting row since the last hour that was found empty; gives how many there were.
async fn run(table: &OutboxTable, bus: &Bus, now: Timestamp) -> Result<usize, StoreError> {
    let known = table.0.get::<Swept>(swept_key()).await?;
    let first = now.plus_seconds(-FIRST_LOOK_BACK_SECONDS);
    let mut hour = known.as_ref().map_or(first, |row| row.body.until);
    let (mut tried, mut clean, mut all_clean) = (0, hour, true);
    while hour <= now {
        let waiting = waiting_in(table, hour).await?;
        all_clean = all_clean && waiting.is_empty() && is_over(hour, now);
        if all_clean {
            clean = hour.plus_seconds(HOUR_SECONDS);
        }
        let due: Vec<_> =
            waiting.into_iter().filter(|row| now.seconds_since(row.body.created_at) >= GRACE_SECONDS).collect();
        tried += due.len();
        for row in &due {
            warn!(correlation_id = row.body.correlation_id, event_id = row.key.sk, "the relay left this event");
        }
        bus.send(table, due).await;
        hour = hour.plus_seconds(HOUR_SECONDS);
    }
    remember(table, known, clean).await?;
    Ok(tried)
}

async fn waiting_in(table: &OutboxTable, hour: Timestamp) -> Result<Vec<Row<dynamo::outbox::Outbox>>, StoreError> {
    let mut waiting = Vec::new();
    for shard in 0..SHARDS {
        let query = Query::partition(partition(hour, u128::from(shard))).consistent();
        let mut page = table.page(query.clone()).await?;
        waiting.append(&mut page.rows);
        while page.next.is_some() {
            page = table.page(query.clone().after(page.next)).await?;
            waiting.append(&mut page.rows);
        }
    }
    Ok(waiting)
}

fn is_over(hour: Timestamp, now: Timestamp) -> bool {
    let start = Timestamp::from_epoch_seconds(hour.epoch_seconds() / HOUR_SECONDS * HOUR_SECONDS);
    now.seconds_since(start) >= HOUR_SECONDS + SKEW_SECONDS
}

/// Moves the mark forward; a sweep that ran beside this one may have moved it already, which is as good.
async fn remember(table: &OutboxTable, known: Option<Row<Swept>>, until: Timestamp) -> Result<(), StoreError> {
    if known.as_ref().is_some_and(|row| row.body.until >= until) {
        return Ok(());
    }
    let unchanged = known.map_or(Condition::Absent, |row| Condition::equals("until", row.body.until));
    let change = Change::put(&table.0, &Row::new(swept_key(), Swept { until }), unchanged);
    match WriteSet::new().with(change, ()).commit().await {
        Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}
