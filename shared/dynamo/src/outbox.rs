//! Events leave a service through rows written in the same transaction as the change they tell of.
//!
//! A row that exists is an event not yet on the bus. The relay (`shared/relay`) sends it and deletes the row.

use events::{Envelope, Event};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Change, Entity, Key, Personal, Row, Table};

/// All keys of outbox rows start like this; the stream's filter relies on it.
pub const PREFIX: &str = "OUTBOX#";

/// Partitions an hour's events are spread over, so that no one of them limits a service.
pub const SHARDS: u8 = 4;

/// An event waiting to be sent, already in the form the bus takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbox {
    pub source: String,
    pub detail_type: String,
    /// The envelope as JSON text.
    pub detail: String,
    pub created_at: Timestamp,
    pub correlation_id: String,
}

impl Outbox {
    /// The event as a rule would have put it into a queue.
    #[must_use]
    pub fn as_message(&self) -> String {
        serde_json::json!({ "source": self.source, "detail-type": self.detail_type, "detail": self.detail }).to_string()
    }
}

impl Entity for Outbox {
    const TYPE: &'static str = "outbox";
    // It lives for seconds, and an erasure waits for it to leave.
    const PERSONAL: Personal = Personal::Erase;
}

impl Change {
    /// Announces `event` if the transaction that this change joins happens.
    ///
    /// # Panics
    /// Never: events are plain data.
    #[must_use]
    pub fn announce<E: Event>(table: &Table, event: &Envelope<E>) -> Self {
        let body = Outbox {
            source: E::SOURCE.to_owned(),
            detail_type: E::DETAIL_TYPE.to_owned(),
            detail: serde_json::to_string(event).expect("an event is plain data"),
            created_at: event.time,
            correlation_id: event.trace.correlation_id.clone(),
        };
        let shard = event.id.ulid().0 % u128::from(SHARDS);
        Self::create(table, &Row::new(Key::new(partition(event.time, shard), event.id.to_string()), body))
    }
}

/// The partition of the events of one hour and shard.
#[must_use]
pub fn partition(hour: Timestamp, shard: u128) -> String {
    format!("{PREFIX}{}#{shard}", hour.hour_bucket())
}
