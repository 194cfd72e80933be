use dynamo::{Change, Entity, Personal, Row, Table};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::keys;

/// Longer than Stripe repeats an event and a queue keeps it, together.
const KEEP_SECONDS: i64 = 35 * 24 * 60 * 60;

/// The memory of a provider's event whose effect has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderEvent {
    pub handled_at: Timestamp,
}

impl Entity for ProviderEvent {
    const TYPE: &'static str = "provider_event";
    const PERSONAL: Personal = Personal::None;
}

impl ProviderEvent {
    /// Marks the event as handled, in the transaction of its effect. Refused when it was handled before.
    pub(crate) fn mark(table: &Table, event_id: &str, now: Timestamp) -> Change {
        let row = Row::new(keys::stripe_event(event_id), Self { handled_at: now });
        Change::create(table, &row.expiring(now.plus_seconds(KEEP_SECONDS).epoch_seconds()))
    }
}
