use dynamo::{Change, Entity, Key, Personal, Row, Table};
use kernel::{EventId, Timestamp};
use serde::{Deserialize, Serialize};

/// Longer than any message can stay in a queue and its dead-letter queue together.
const KEEP_SECONDS: i64 = 35 * 24 * 60 * 60;

/// The memory of an event whose effect has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub seen_at: Timestamp,
}

impl Entity for Seen {
    const TYPE: &'static str = "seen";
    const PERSONAL: Personal = Personal::None;
}

/// Marks `event` as handled by `consumer` (several consumers may share a table). Refused when it was handled before: then there is
/// nothing left to do.
#[must_use]
pub fn seen(table: &Table, consumer: &str, event: EventId, now: Timestamp) -> Change {
    let key = Key::new(format!("SEEN#{event}"), consumer);
    Change::create(
        table,
        &Row::new(key, Seen { seen_at: now }).expiring(now.plus_seconds(KEEP_SECONDS).epoch_seconds()),
    )
}
