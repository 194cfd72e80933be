use kernel::{EventId, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use telemetry::Trace;

/// A fact of the past tense.
pub trait Event: Serialize + DeserializeOwned {
    /// The service that tells it: `souk.orders`.
    const SOURCE: &'static str;
    /// Name and version: `OrderPlaced.v1`.
    const DETAIL_TYPE: &'static str;

    /// The id of the aggregate that it is about.
    fn subject(&self) -> String;
}

/// An event on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<E> {
    /// The same on every delivery: what consumers remember.
    pub id: EventId,
    pub time: Timestamp,
    #[serde(flatten)]
    pub trace: Trace,
    pub subject: String,
    /// The aggregate's version after the change, so that a consumer can tell old from new.
    pub sequence: u64,
    pub data: E,
}

impl<E: Event> Envelope<E> {
    /// Wraps `data` for sending.
    pub fn new(id: EventId, time: Timestamp, trace: Trace, sequence: u64, data: E) -> Self {
        Self { id, time, trace, subject: data.subject(), sequence, data }
    }
}

/// A message that is not the event it was routed as.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("the message is not JSON of an EventBridge event: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the message is a {found}, not a {expected}")]
    OtherType { expected: &'static str, found: String },
}

/// What an EventBridge rule puts into a queue.
#[derive(Deserialize)]
struct RuleMessage<'a> {
    #[serde(rename = "detail-type")]
    detail_type: String,
    #[serde(borrow)]
    detail: &'a serde_json::value::RawValue,
}

/// Reads the body of an SQS message that a rule for `E` put there.
///
/// # Errors
/// [`Unreadable`]: the message belongs in the dead-letter queue.
pub fn read_rule_message<E: Event>(body: &str) -> Result<Envelope<E>, Unreadable> {
    let message: RuleMessage<'_> = serde_json::from_str(body)?;
    if message.detail_type != E::DETAIL_TYPE {
        return Err(Unreadable::OtherType { expected: E::DETAIL_TYPE, found: message.detail_type });
    }
    Ok(serde_json::from_str(message.detail.get())?)
}
