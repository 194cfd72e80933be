//! What happened to orders and accounts: a mail to whoever has to know, once.
//!
//! A mail cannot join a transaction, so it is claimed first, then sent, then written down. A crash between the last two is the one
//! case in which a mail goes out twice; the log calls the second one `possibly_repeated`.

use dynamo::{StoreError, WriteError};
use kernel::{Email, Timestamp};
use tracing::{info, warn};

use crate::domain::{Delivery, Incoming, Mail, Notice, Outcome, Templates, Turn};

pub trait StartDelivery {
    /// Claims a delivery nobody has tried yet.
    async fn start(&self, delivery: &Delivery, notice: &Notice) -> Result<Started, StoreError>;
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    Claimed,
    /// It was tried before.
    Found(Delivery),
    /// Whoever it is about has left: nobody writes to them, and nothing is written down of them.
    Left,
}

pub trait TakeOver {
    /// Claims a delivery that was tried before. Refused when somebody else did so first.
    async fn take_over(&self, found: &Delivery, notice: &Notice, now: Timestamp) -> Result<Delivery, WriteError<()>>;
}

pub trait RecordOutcome {
    async fn record(&self, delivery: &Delivery, notice: &Notice, outcome: Outcome) -> Result<(), WriteError<()>>;
}

/// A provider of mail.
pub trait SendMail {
    /// The provider's id of the message it accepted.
    async fn send(&self, mail: &Mail, to: &Email) -> Result<String, NotSent>;
}

/// Why a mail was not sent, or may not have been. `reason` is the provider's code and names nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSent {
    /// This mail will never be accepted.
    Refused { reason: String },
    /// Certainly not sent; another try may succeed.
    Later { reason: String },
    /// Nothing was heard: it may be on its way.
    Unknown { reason: String },
}

/// Why the message stays in its queue.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the mail could not be written")]
    Template(#[from] minijinja::Error),
    #[error("another sender has the mail")]
    InFlight,
    #[error("the provider refused the mail: {0}")]
    Refused(String),
    #[error("the provider did not take the mail yet: {0}")]
    Later(String),
    #[error("it is not known whether the provider took the mail: {0}")]
    Unknown(String),
}

pub struct Deps<S, P> {
    pub deliveries: S,
    pub provider: P,
    pub templates: Templates,
    pub now: fn() -> Timestamp,
}

pub async fn handle<S, P>(deps: &Deps<S, P>, incoming: Incoming) -> Result<(), SendError>
where
    S: StartDelivery + TakeOver + RecordOutcome,
    P: SendMail,
{
    let Some(notice) = incoming.notice else { return Ok(()) };
    let mail = deps.templates.write(&notice)?;
    let now = (deps.now)();
    let first = Delivery::start(&notice, now);
    let (delivery, possibly_repeated) = match deps.deliveries.start(&first, &notice).await? {
        Started::Left => return Ok(()),
        Started::Claimed => (first, false),
        Started::Found(found) => match found.turn(now) {
            Turn::Done => return Ok(()),
            Turn::Theirs => return Err(SendError::InFlight),
            Turn::Ours { possibly_repeated } => {
                let taken = deps.deliveries.take_over(&found, &notice, now).await;
                (taken.map_err(|error| error.on_refused(|()| SendError::InFlight))?, possibly_repeated)
            }
        },
    };
    let sent = deps.provider.send(&mail, &notice.to.email).await;
    if let Ok(provider_message_id) = &sent {
        let (event_id, kind) = (delivery.event_id, notice.about.as_str());
        let order_id = delivery.order_id.map(tracing::field::display);
        info!(%event_id, order_id, notice = kind, provider_message_id, possibly_repeated, "mail sent");
    }
    let (outcome, answer) = match sent {
        Ok(provider_message_id) => (Outcome::Sent { provider_message_id }, Ok(())),
        Err(NotSent::Refused { reason }) => {
            (Outcome::Failed { error: reason.clone() }, Err(SendError::Refused(reason)))
        }
        Err(NotSent::Later { reason }) => (Outcome::Waiting { error: reason.clone() }, Err(SendError::Later(reason))),
        // The claim stays as it is: once its lease ends the mail is sent again, and the log says what that may mean.
        Err(NotSent::Unknown { reason }) => return Err(SendError::Unknown(reason)),
    };
    match deps.deliveries.record(&delivery, &notice, outcome).await {
        Ok(()) => answer,
        Err(WriteError::Refused(_)) => {
            warn!(event_id = %delivery.event_id, "another sender took the mail over meanwhile");
            answer
        }
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use telemetry::Trace;

    use super::*;
    use crate::domain::Status;
    use crate::domain::examples::{NOW, delivery, notice};

    /// A table with what an earlier try left in it.
    #[derive(Default)]
    struct Table {
        found: Option<Delivery>,
        taken_by_another: bool,
        left: bool,
        recorded: Mutex<Vec<Outcome>>,
    }

    impl StartDelivery for Table {
        async fn start(&self, _: &Delivery, _: &Notice) -> Result<Started, StoreError> {
            let found = self.found.clone().map_or(Started::Claimed, Started::Found);
            Ok(if self.left { Started::Left } else { found })
        }
    }

    impl TakeOver for Table {
        async fn take_over(&self, found: &Delivery, _: &Notice, _: Timestamp) -> Result<Delivery, WriteError<()>> {
            if self.taken_by_another { Err(WriteError::Refused(vec![()])) } else { Ok(found.clone()) }
        }
    }

    impl RecordOutcome for Table {
        async fn record(&self, _: &Delivery, _: &Notice, outcome: Outcome) -> Result<(), WriteError<()>> {
            self.recorded.lock().unwrap().push(outcome);
            Ok(())
        }
    }

    struct Provider {
        answer: Result<String, NotSent>,
        sent: Mutex<Vec<(Mail, Email)>>,
    }

    impl SendMail for Provider {
        async fn send(&self, mail: &Mail, to: &Email) -> Result<String, NotSent> {
            self.sent.lock().unwrap().push((mail.clone(), to.clone()));
            self.answer.clone()
        }
    }

    struct Told {
        sent: usize,
        recorded: Vec<Outcome>,
        answer: Result<(), SendError>,
    }

    async fn tell(table: Table, answer: Result<String, NotSent>, now: fn() -> Timestamp) -> Told {
        let provider = Provider { answer, sent: Mutex::default() };
        let deps = Deps { deliveries: table, provider, templates: Templates::new("Souk").unwrap(), now };
        let incoming = Incoming { trace: Trace::start("request-1"), notice: Some(notice()) };
        let answer = handle(&deps, incoming).await;
        let sent = deps.provider.sent.into_inner().unwrap();
        assert!(sent.iter().all(|(mail, to)| mail.subject.contains("S-1042") && to.as_str() == "ada@example.com"));
        Told { sent: sent.len(), recorded: deps.deliveries.recorded.into_inner().unwrap(), answer }
    }

    fn accepted() -> Result<String, NotSent> {
        Ok("message-1".into())
    }

    fn sent() -> Outcome {
        Outcome::Sent { provider_message_id: "message-1".into() }
    }

    fn found(status: Status) -> Table {
        Table { found: Some(Delivery { status, ..delivery() }), ..Table::default() }
    }

    #[tokio::test]
    async fn a_notice_becomes_one_mail_and_its_record() {
        let told = tell(Table::default(), accepted(), || NOW).await;
        assert!(told.answer.is_ok());
        assert_eq!((told.sent, told.recorded), (1, vec![sent()]));
    }

    #[tokio::test]
    async fn a_notice_that_was_told_is_not_told_again() {
        let told = tell(found(Status::Sent), accepted(), || NOW).await;
        assert!(told.answer.is_ok());
        assert_eq!((told.sent, told.recorded), (0, vec![]));
    }

    #[tokio::test]
    async fn whoever_left_is_not_written_to() {
        let told = tell(Table { left: true, ..Table::default() }, accepted(), || NOW).await;
        assert!(told.answer.is_ok());
        assert_eq!((told.sent, told.recorded), (0, vec![]));
    }

    #[tokio::test]
    async fn while_another_is_sending_the_message_waits() {
        let told = tell(found(Status::Sending), accepted(), || NOW).await;
        assert!(matches!(told.answer, Err(SendError::InFlight)));
        assert_eq!(told.sent, 0);
    }

    #[tokio::test]
    async fn a_mail_whose_sender_died_is_sent_by_one_of_those_who_find_it() {
        let later = || NOW.plus_seconds(61);
        let told = tell(found(Status::Sending), accepted(), later).await;
        assert_eq!((told.sent, told.recorded), (1, vec![sent()]));
        let slower = Table { taken_by_another: true, ..found(Status::Sending) };
        let told = tell(slower, accepted(), later).await;
        assert!(matches!(told.answer, Err(SendError::InFlight)));
        assert_eq!(told.sent, 0);
    }

    #[tokio::test]
    async fn a_refused_mail_is_recorded_as_failed_and_stays_in_the_queue() {
        let refused = Err(NotSent::Refused { reason: "MessageRejected".into() });
        let told = tell(Table::default(), refused, || NOW).await;
        assert!(matches!(told.answer, Err(SendError::Refused(_))));
        assert_eq!(told.recorded, [Outcome::Failed { error: "MessageRejected".into() }]);
    }

    #[tokio::test]
    async fn a_throttled_mail_waits_for_the_next_delivery() {
        let throttled = Err(NotSent::Later { reason: "TooManyRequestsException".into() });
        let told = tell(Table::default(), throttled, || NOW).await;
        assert!(matches!(told.answer, Err(SendError::Later(_))));
        assert_eq!(told.recorded, [Outcome::Waiting { error: "TooManyRequestsException".into() }]);
        let told = tell(found(Status::Waiting), accepted(), || NOW).await;
        assert_eq!((told.sent, told.recorded), (1, vec![sent()]));
    }

    #[tokio::test]
    async fn when_nothing_was_heard_the_claim_stays_until_its_lease_ends() {
        let silence = Err(NotSent::Unknown { reason: "no answer".into() });
        let told = tell(Table::default(), silence, || NOW).await;
        assert!(matches!(told.answer, Err(SendError::Unknown(_))));
        assert_eq!((told.sent, told.recorded), (1, vec![]));
    }
}
