//! `UserDeleted`: somebody left, and takes their data along.

use events::{Envelope, Unreadable, UserDeleted, read_rule_message};
use kernel::{Email, Timestamp, UserId};
use queue::Message;
use serde::{Deserialize, Serialize};
use telemetry::Trace;
use tracing::info;

/// The longest that a queue holds a message back.
const MAX_DELAY_SECONDS: i64 = 900;

/// Somebody who left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaver {
    pub user_id: UserId,
    /// Their last address, for what guests' rows say of it; not known of a reminder of an earlier release.
    pub email: Option<Email>,
    pub deleted_at: Timestamp,
    pub trace: Trace,
}

/// What a service keeps of people, seen by those who leave.
pub trait Forget {
    type Error: std::error::Error + Send + Sync + 'static;

    /// Erases or anonymises what is there about `leaver`, and leaves a tombstone. Doing so again is harmless.
    async fn forget(&self, leaver: &Leaver) -> Result<(), Self::Error>;
}

/// Brings a message back later.
pub trait SendLater {
    async fn send_later(&self, body: String, seconds: i32) -> Result<(), NotSent>;
}

/// The queue did not take the message.
#[derive(Debug, thiserror::Error)]
#[error("the queue did not take the reminder")]
pub struct NotSent(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Why the message stays in its queue.
#[derive(Debug, thiserror::Error)]
pub enum NotForgotten<E: std::error::Error + 'static> {
    #[error("not everything is forgotten yet")]
    Kept(#[source] E),
    #[error(transparent)]
    NotSent(#[from] NotSent),
}

/// The consumer's dependencies.
#[derive(Debug)]
pub struct Forgetting<S, Q> {
    pub store: S,
    pub reminders: Q,
    /// How long after a deletion somebody may still write with an old token.
    pub settle_seconds: i64,
    pub now: fn() -> Timestamp,
}

impl<S> Forgetting<S, crate::Reminders> {
    /// With the queue and the time that `DELETION_QUEUE_URL` and `DELETION_SETTLE_SECONDS` name.
    ///
    /// # Errors
    /// When a setting is missing.
    pub async fn from_env(store: S) -> Result<Self, aws::env::SettingError> {
        let settle_seconds = aws::env::parsed("DELETION_SETTLE_SECONDS")?;
        Ok(Self { store, reminders: crate::Reminders::from_env().await?, settle_seconds, now: kernel::fresh::now })
    }
}

/// Forgets somebody, now and again until nobody can act in their name any more.
///
/// # Errors
/// [`NotForgotten`]: the queue delivers the message again.
pub async fn forget<S: Forget>(
    deps: &Forgetting<S, impl SendLater>,
    leaver: Leaver,
) -> Result<(), NotForgotten<S::Error>> {
    let now = (deps.now)();
    deps.store.forget(&leaver).await.map_err(NotForgotten::Kept)?;
    let rest = leaver.deleted_at.plus_seconds(deps.settle_seconds).seconds_since(now);
    if rest > 0 {
        let seconds = i32::try_from(rest.min(MAX_DELAY_SECONDS)).expect("fifteen minutes fit");
        deps.reminders.send_later(leaver.reminder(), seconds).await?;
    }
    info!(user_id = %leaver.user_id, again = rest > 0, "forgot somebody who left");
    Ok(())
}

/// What is sent on: no more than is needed to look again, the address among it. An index may be behind, so the first look need not see
/// all that is found by it.
#[derive(Serialize, Deserialize)]
struct Reminder {
    forget: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
    deleted_at: Timestamp,
    #[serde(flatten)]
    trace: Trace,
}

impl Leaver {
    fn reminder(&self) -> String {
        let Self { user_id, email, deleted_at, trace } = self.clone();
        let reminder = Reminder { forget: user_id, email, deleted_at, trace };
        serde_json::to_string(&reminder).expect("a reminder is plain data")
    }
}

impl Message for Leaver {
    fn read(body: &str) -> Result<Self, Unreadable> {
        if let Ok(Reminder { forget, email, deleted_at, trace }) = serde_json::from_str(body) {
            return Ok(Self { user_id: forget, email, deleted_at, trace });
        }
        let Envelope { time, trace, data, .. } = read_rule_message::<UserDeleted>(body)?;
        Ok(Self { user_id: data.user_id, email: Some(data.email), deleted_at: time, trace })
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::convert::Infallible;

    use events::Event as _;
    use kernel::{EventId, Locale, ulid_at};
    use testkit::now;

    use super::*;

    #[derive(Default)]
    struct Store(RefCell<Vec<Leaver>>);

    impl Forget for Store {
        type Error = Infallible;

        async fn forget(&self, leaver: &Leaver) -> Result<(), Infallible> {
            self.0.borrow_mut().push(leaver.clone());
            Ok(())
        }
    }

    #[derive(Default)]
    struct Sent(RefCell<Vec<(String, i32)>>);

    impl SendLater for Sent {
        async fn send_later(&self, body: String, seconds: i32) -> Result<(), NotSent> {
            self.0.borrow_mut().push((body, seconds));
            Ok(())
        }
    }

    /// The message as the rule puts it into the queue.
    fn message() -> String {
        let data = UserDeleted {
            user_id: "8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d".parse().unwrap(),
            email: "ada@example.com".parse().unwrap(),
            name: "Ada".into(),
            locale: Locale::En,
        };
        let event = Envelope::new(EventId::new(ulid_at(now(), 1)), now(), Trace::start("c"), 1, data);
        serde_json::json!({ "detail-type": UserDeleted::DETAIL_TYPE, "detail": event }).to_string()
    }

    async fn told(message: &str, now: fn() -> Timestamp) -> (Vec<Leaver>, Vec<(String, i32)>) {
        let deps = Forgetting { store: Store::default(), reminders: Sent::default(), settle_seconds: 1800, now };
        forget(&deps, Leaver::read(message).unwrap()).await.unwrap();
        (deps.store.0.into_inner(), deps.reminders.0.into_inner())
    }

    #[tokio::test]
    async fn whoever_leaves_is_forgotten_now_and_until_their_tokens_have_expired() {
        let (forgotten, reminders) = told(&message(), now).await;
        assert_eq!(forgotten[0].email.as_ref().unwrap().as_str(), "ada@example.com");
        let [(reminder, 900)] = reminders.as_slice() else { panic!("{reminders:?}") };
        let (_, reminders) = told(reminder, || now().plus_seconds(1790)).await;
        let [(reminder, 10)] = reminders.as_slice() else { panic!("{reminders:?}") };
        let (forgotten, reminders) = told(reminder, || now().plus_seconds(1800)).await;
        assert_eq!((forgotten.len(), reminders.len()), (1, 0));
    }

    #[tokio::test]
    async fn what_is_sent_on_finds_the_same_rows_and_knows_no_name() {
        let (_, reminders) = told(&message(), now).await;
        let reminder = Leaver::read(&reminders[0].0).unwrap();
        let first = Leaver::read(&message()).unwrap();
        assert_eq!(reminder, first);
        assert!(!reminders[0].0.contains("Ada"));
    }

    #[test]
    fn a_reminder_of_a_release_that_kept_no_address_is_read() {
        let trace = serde_json::to_value(Trace::start("c")).unwrap();
        let mut reminder = serde_json::json!({ "forget": "8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d", "deleted_at": now() });
        reminder.as_object_mut().unwrap().extend(trace.as_object().unwrap().clone());
        assert_eq!(Leaver::read(&reminder.to_string()).unwrap().email, None);
    }

    #[test]
    fn another_event_is_unreadable() {
        let other = r#"{"detail-type":"UserUpdated.v1","detail":{}}"#;
        assert!(matches!(Leaver::read(other), Err(Unreadable::OtherType { .. })));
    }
}
