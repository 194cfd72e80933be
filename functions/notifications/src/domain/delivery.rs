use kernel::{EventId, OrderId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::Notice;

/// How long a sender may take before another may think that it died. Longer than a function can run, shorter than the queue's
/// visibility timeout.
const LEASE_SECONDS: i64 = 60;
/// As long as the memory of events: longer than a message can stay in a queue and its dead-letter queue together.
const KEEP_SECONDS: i64 = 35 * 24 * 60 * 60;

/// One notice on its way to one recipient, and how far it got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub event_id: EventId,
    /// Unless it is about an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// What it says: `order_confirmed`.
    pub notice: String,
    pub status: Status,
    /// Until then the sender that has the delivery is left alone.
    pub lease_until: Timestamp,
    /// Counts the writes. The row has it, so the body does not say it again.
    #[serde(skip)]
    pub version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_message_id: Option<String>,
    /// The provider's word for why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub started_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Somebody is at it, or died at it.
    Sending,
    /// It was certainly not sent, and the next try may succeed.
    Waiting,
    Sent,
    /// The provider refused it for good.
    Failed,
}

/// How a try to send ended, as far as the record can know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Sent { provider_message_id: String },
    Waiting { error: String },
    Failed { error: String },
}

/// Whose turn it is when a notice is delivered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It was sent: nothing is left to do.
    Done,
    /// Somebody else is at it.
    Theirs,
    Ours {
        /// The one before may have sent it and died before writing so down.
        possibly_repeated: bool,
    },
}

impl Delivery {
    /// A first try, starting now.
    #[must_use]
    pub fn start(notice: &Notice, now: Timestamp) -> Self {
        Self {
            event_id: notice.event_id,
            order_id: notice.about.order_id(),
            notice: notice.about.as_str().to_owned(),
            status: Status::Sending,
            lease_until: lease(now),
            version: 1,
            provider_message_id: None,
            error: None,
            started_at: now,
        }
    }

    /// May this delivery, found on a further try, be sent now?
    #[must_use]
    pub fn turn(&self, now: Timestamp) -> Turn {
        match self.status {
            Status::Sent => Turn::Done,
            Status::Sending if now <= self.lease_until => Turn::Theirs,
            Status::Sending => Turn::Ours { possibly_repeated: true },
            Status::Waiting | Status::Failed => Turn::Ours { possibly_repeated: false },
        }
    }

    /// When the record may go.
    #[must_use]
    pub fn kept_until(&self) -> Timestamp {
        self.started_at.plus_seconds(KEEP_SECONDS)
    }
}

/// Until when a sender that starts now has the delivery to itself.
pub(crate) fn lease(now: Timestamp) -> Timestamp {
    now.plus_seconds(LEASE_SECONDS)
}

impl Outcome {
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Sent { .. } => Status::Sent,
            Self::Waiting { .. } => Status::Waiting,
            Self::Failed { .. } => Status::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::examples::{NOW, delivery};

    fn turn_of(status: Status, seconds_later: i64) -> Turn {
        Delivery { status, ..delivery() }.turn(NOW.plus_seconds(seconds_later))
    }

    #[test]
    fn what_was_sent_is_not_sent_again() {
        assert_eq!([0, 10_000].map(|later| turn_of(Status::Sent, later)), [Turn::Done, Turn::Done]);
    }

    #[test]
    fn a_sender_at_work_is_left_alone_until_its_lease_ends() {
        assert_eq!(turn_of(Status::Sending, LEASE_SECONDS), Turn::Theirs);
        assert_eq!(turn_of(Status::Sending, LEASE_SECONDS + 1), Turn::Ours { possibly_repeated: true });
    }

    #[test]
    fn what_was_certainly_not_sent_is_sent_without_doubt() {
        for status in [Status::Waiting, Status::Failed] {
            assert_eq!(turn_of(status, 0), Turn::Ours { possibly_repeated: false });
        }
    }
}
