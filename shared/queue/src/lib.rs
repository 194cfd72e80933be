//! Consuming SQS queues: each message on its own, each effect once.
//!
//! Delivery is at least once and in any order. [`consume`] answers for each message, so one bad message never fails its neighbours;
//! [`seen`] puts the event's id into the same transaction as its effect, so that a second delivery changes nothing.

mod seen;

use std::panic::AssertUnwindSafe;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use events::{Envelope, Event, Unreadable, read_rule_message};
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use lambda_runtime::{LambdaEvent, service_fn};
use telemetry::Trace;
use tracing::{Instrument as _, error, info};

pub use lambda_runtime::Error;
pub use seen::{Seen, seen};

/// What a queue's messages are read as.
pub trait Message: Sized {
    /// Reads a message's body.
    ///
    /// # Errors
    /// [`Unreadable`]: after its retries the message goes to the dead-letter queue.
    fn read(body: &str) -> Result<Self, Unreadable>;

    /// What the work is logged under.
    fn trace(&self) -> &Trace;
}

impl<E: Event> Message for Envelope<E> {
    fn read(body: &str) -> Result<Self, Unreadable> {
        read_rule_message(body)
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

/// Runs `handle` for each message until the process is ended. An error leaves its message in the queue for another try.
///
/// # Errors
/// Only when the runtime itself fails.
pub async fn consume<M, D, F, Fut, E>(deps: D, handle: F) -> Result<(), Error>
where
    M: Message + Send,
    D: Sync + 'static,
    F: Fn(&'static D, M) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send,
    E: std::error::Error + Send + Sync + 'static,
{
    let deps: &'static D = Box::leak(Box::new(deps));
    let handle: &'static F = Box::leak(Box::new(handle));
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        let outcomes = join_all(event.payload.records.into_iter().map(|message| one(deps, handle, message))).await;
        let mut answer = SqsBatchResponse::default();
        for failed in outcomes.into_iter().filter_map(Result::err) {
            answer.add_failure(failed);
        }
        Ok::<_, Error>(answer)
    }))
    .await
}

/// Handles one message; the id of a failed one.
async fn one<M, D, F, Fut, E>(deps: &'static D, handle: &'static F, message: SqsMessage) -> Result<(), String>
where
    M: Message,
    F: Fn(&'static D, M) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: std::error::Error + 'static,
{
    let message_id = message.message_id.unwrap_or_default();
    let read = match M::read(message.body.as_deref().unwrap_or_default()) {
        Ok(read) => read,
        Err(cause) => {
            error!(message_id, cause = %cause, "unreadable message");
            return Err(message_id);
        }
    };
    let span = read.trace().span();
    async {
        // A panic over one message must not fail its neighbours.
        let (outcome, usage) = dynamo::metered(AssertUnwindSafe(handle(deps, read)).catch_unwind()).await;
        let dynamodb_calls = usage.calls;
        let (read_capacity, write_capacity) = (usage.read.units(), usage.written.units());
        match outcome {
            Ok(Ok(())) => {
                info!(message_id, dynamodb_calls, read_capacity, write_capacity, "handled");
                Ok(())
            }
            Err(_) => {
                error!(message_id, dynamodb_calls, "the handler panicked; the queue will deliver it again");
                Err(message_id)
            }
            Ok(Err(cause)) => {
                error!(message_id, dynamodb_calls, cause = causes(&cause), "failed; the queue will deliver it again");
                Err(message_id)
            }
        }
    }
    .instrument(span)
    .await
}

/// An error and what is behind it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
