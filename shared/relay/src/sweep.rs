use dynamo::outbox::{SHARDS, partition};
use dynamo::{Change, Condition, Entity, Key, Personal, Row, StoreError, WriteError, WriteSet};
use kernel::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use tracing::{Instrument, info, warn};

use crate::bus::Bus;
use crate::outbox::{OutboxTable, Waiting};

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
            let (sent, usage) = dynamo::metered(run(table, bus, kernel::fresh::now())).await;
            let (sent, dynamodb_calls) = (sent?, usage.calls);
            let (read_capacity, write_capacity) = (usage.read.units(), usage.written.units());
            info!(sent, dynamodb_calls, read_capacity, write_capacity, "swept");
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
    let mut hour = start_of_hour(known.as_ref().map_or(first, |row| row.body.until));
    let (mut tried, mut clean, mut all_clean) = (0, hour, true);
    while hour <= now {
        let Waiting { rows: waiting, unreadable } = waiting_in(table, hour).await?;
        all_clean = all_clean && waiting.is_empty() && unreadable.is_empty() && is_over(hour, now);
        for (key, text) in unreadable {
            bus.bury_unreadable(table, key, text).await;
        }
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

async fn waiting_in(table: &OutboxTable, hour: Timestamp) -> Result<Waiting, StoreError> {
    let mut waiting = Waiting::default();
    for shard in 0..SHARDS {
        table.read_partition(partition(hour, u128::from(shard)), &mut waiting).await?;
    }
    Ok(waiting)
}

/// Hours are walked from their starts: from any other minute, a walk could end before it came to the hour of now.
fn start_of_hour(time: Timestamp) -> Timestamp {
    Timestamp::from_epoch_seconds(time.epoch_seconds() / HOUR_SECONDS * HOUR_SECONDS)
}

fn is_over(hour: Timestamp, now: Timestamp) -> bool {
    now.seconds_since(hour) >= HOUR_SECONDS + SKEW_SECONDS
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The hours that a sweep at `now` looks at, when it knows everything to be sent up to `until`.
    fn visited(until: Timestamp, now: Timestamp) -> Vec<String> {
        let hours = std::iter::successors(Some(start_of_hour(until)), |hour| Some(hour.plus_seconds(HOUR_SECONDS)));
        hours.take_while(|hour| *hour <= now).map(Timestamp::hour_bucket).collect()
    }

    #[test]
    fn whenever_it_began_a_sweep_looks_at_the_hour_of_now() {
        let day = Timestamp::from_epoch_seconds(1_795_392_000);
        for began in 0..60 {
            for minute in 0..180 {
                let now = day.plus_seconds(minute * 60);
                let hours = visited(day.plus_seconds(began * 60 - 7200), now);
                assert_eq!(hours.last(), Some(&now.hour_bucket()), "begun at minute {began}, now at {minute}");
            }
        }
    }

    #[test]
    fn an_hour_counts_as_over_only_when_all_clocks_agree() {
        let hour = Timestamp::from_epoch_seconds(1_795_392_000);
        assert!(!is_over(hour, hour.plus_seconds(HOUR_SECONDS + SKEW_SECONDS - 1)));
        assert!(is_over(hour, hour.plus_seconds(HOUR_SECONDS + SKEW_SECONDS)));
    }
}
