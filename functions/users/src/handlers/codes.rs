//! What the endpoints around codes by mail have in common.
//!
//! Whoever asks learns nothing of who has an account: every address is put into the same queue, and `users-send-codes` looks up what, if
//! anything, is due to it.

use api::{Code, Problem, Request, Response, StatusCode};
use events::Unreadable;
use kernel::{Email, EventId, Text, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use telemetry::Trace;

use crate::cognito::Refused;
use crate::domain::{CodeKind, TryKind};
use crate::handlers::tries::{CountTry, Gate};

/// From a mail or an authenticator app; spaces do not matter.
pub type GivenCode = Text<1, 64>;

/// Told for every code that does not fit, whatever is the matter with it: anything else would tell who has an account.
const NOT_THIS_CODE: &str = "The code is wrong, has expired, or was tried too often; ask for a new one.";

/// An address that may be due a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeWanted {
    /// Also the id of the event that it leads to, so that a second delivery of the message is not a second mail.
    pub id: EventId,
    pub kind: CodeKind,
    pub email: Email,
    pub trace: Trace,
}

impl CodeWanted {
    pub(crate) fn new(kind: CodeKind, email: &Email, request: &Request, id: Ulid) -> Self {
        Self { id: EventId::new(id), kind, email: email.clone(), trace: request.trace().clone() }
    }

    /// When somebody wanted it.
    pub(crate) fn wanted_at(&self) -> Timestamp {
        Timestamp::from_epoch_millis(i64::try_from(self.id.ulid().timestamp_ms()).unwrap_or(i64::MAX))
    }
}

impl queue::Message for CodeWanted {
    fn read(body: &str) -> Result<Self, Unreadable> {
        Ok(serde_json::from_str(body)?)
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

pub trait QueueCode {
    async fn queue_code(&self, wanted: &CodeWanted) -> Result<(), NotQueued>;
}

#[derive(Debug, thiserror::Error)]
#[error("the queue of codes did not take the message")]
pub struct NotQueued(#[source] pub Box<dyn std::error::Error + Send + Sync>);

impl From<NotQueued> for Problem {
    fn from(cause: NotQueued) -> Self {
        Problem::new(Code::TryAgain).because(cause)
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    pub(crate) email: Email,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CodeSent")]
pub struct CodeSentView {
    email: Email,
    status: CodeSent,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum CodeSent {
    CodeSent,
}

/// What the endpoints need that mail a code to whoever has the address.
pub struct Asked<G, Q> {
    pub gate: Gate<G>,
    pub queue: Q,
    pub new_id: fn() -> Ulid,
}

impl<G: CountTry, Q: QueueCode> Asked<G, Q> {
    /// Counts a try of its kind and queues what may be due: the same work and the same answer for everybody.
    pub(crate) async fn send(&self, request: &Request, tries: TryKind, kind: CodeKind) -> Result<Response, Problem> {
        let Address { email } = request.json()?;
        self.gate.admit(tries, &email, request).await?;
        self.queue.queue_code(&CodeWanted::new(kind, &email, request, (self.new_id)())).await?;
        Ok(Response::new(StatusCode::ACCEPTED, &CodeSentView { email, status: CodeSent::CodeSent }))
    }
}

/// A code without the spaces that people type.
pub(crate) fn plain(code: &GivenCode) -> String {
    code.as_str().split_whitespace().collect()
}

/// What whoever shows a code without being signed in is told: an address without an account, with a closed one, with a code that has
/// expired or with none at all has no right code either.
pub(crate) fn not_this_code(refused: Refused) -> Problem {
    match refused {
        Refused::WrongCode
        | Refused::ExpiredCode
        | Refused::Credentials
        | Refused::NotConfirmed
        | Refused::AlreadyConfirmed
        | Refused::TooManyAttempts { .. } => Problem::detailed(Code::CodeMismatch, NOT_THIS_CODE).at("/code"),
        refused => refused.into(),
    }
}

#[cfg(test)]
pub(crate) mod fakes {
    use std::sync::Mutex;

    use super::*;

    #[derive(Debug, Default)]
    pub(crate) struct Queued(Mutex<Vec<CodeWanted>>);

    impl QueueCode for Queued {
        async fn queue_code(&self, wanted: &CodeWanted) -> Result<(), NotQueued> {
            self.0.lock().unwrap().push(wanted.clone());
            Ok(())
        }
    }

    impl Queued {
        /// What was queued, and for whom.
        pub(crate) fn kinds(&self) -> Vec<(CodeKind, String)> {
            self.0.lock().unwrap().iter().map(|wanted| (wanted.kind, wanted.email.to_string())).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::ulid_at;
    use queue::Message as _;

    use super::*;

    #[test]
    fn every_code_that_does_not_fit_is_answered_alike() {
        let request = testkit::request::post("/users/confirmations").build();
        let answers = [
            Refused::WrongCode,
            Refused::ExpiredCode,
            Refused::Credentials,
            Refused::NotConfirmed,
            Refused::AlreadyConfirmed,
            Refused::TooManyAttempts { retry_after: 900 },
        ]
        .map(|refused| not_this_code(refused).final_answer(&request));
        for answer in &answers {
            assert_eq!((answer.status(), answer.body()), (answers[0].status(), answers[0].body()));
            assert_eq!(answer.header_value("Retry-After"), None);
        }
    }

    #[test]
    fn a_weak_password_and_a_busy_pool_are_not_taken_for_a_wrong_code() {
        assert_eq!(not_this_code(Refused::WeakPassword("Longer.".into())).code(), Code::PasswordTooWeak);
        assert_eq!(not_this_code(Refused::Busy("silence".into())).code(), Code::TryAgain);
    }

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let request = testkit::request::post("/password-resets").build();
        let email = Email::parse("ada@example.com").unwrap();
        let wanted = CodeWanted::new(CodeKind::PasswordReset, &email, &request, ulid_at(testkit::now(), 1));
        let text = serde_json::to_string(&wanted).unwrap();
        assert_eq!((CodeWanted::read(&text).unwrap(), wanted.wanted_at()), (wanted, testkit::now()));
        assert!(matches!(CodeWanted::read("{}"), Err(Unreadable::Json(_))));
    }
}
