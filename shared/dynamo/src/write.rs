use aws_sdk_dynamodb::config::Config;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{CancellationReason, ReturnConsumedCapacity, ReturnValue};

use crate::change::{Change, Kind, key_item, render_steps};
use crate::error::{StoreError, WriteError};
use crate::expression::Placeholders;
use crate::read::decode;
use crate::retry::{Try, with_retries};
use crate::row::{Entity, Row};
use crate::usage::note_write;

/// Changes that happen together or not at all, each with what its refusal means to the caller.
///
/// A service hands out a `WriteSet` in its own words; [`WriteSet::map`] turns them into the words of the one who commits.
#[derive(Debug, Clone)]
#[must_use = "nothing is written until the set is committed"]
pub struct WriteSet<R> {
    changes: Vec<(Change, R)>,
}

/// DynamoDB's limit for one transaction.
const MAX_ACTIONS: usize = 100;

impl<R> Default for WriteSet<R> {
    fn default() -> Self {
        Self { changes: Vec::new() }
    }
}

impl<R> WriteSet<R> {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `change`; if its condition does not hold, the answer is `refusal`.
    pub fn push(&mut self, change: Change, refusal: R) {
        self.changes.push((change, refusal));
    }

    /// [`WriteSet::push`] for chains.
    pub fn with(mut self, change: Change, refusal: R) -> Self {
        self.push(change, refusal);
        self
    }

    /// Takes in all changes of `other`.
    pub fn extend(&mut self, other: WriteSet<R>) {
        self.changes.extend(other.changes);
    }

    /// The same changes, refused in other words.
    pub fn map<S>(self, mut f: impl FnMut(R) -> S) -> WriteSet<S> {
        WriteSet { changes: self.changes.into_iter().map(|(change, refusal)| (change, f(refusal))).collect() }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Commits all changes as one transaction.
    ///
    /// Conflicts with other transactions, throttling and lost answers are retried, all tries under one client token: what was applied
    /// already is acknowledged, not applied again and not refused by its own conditions.
    ///
    /// # Errors
    /// [`WriteError::Refused`] with the refusals of the changes whose conditions do not hold; [`StoreError::Busy`] when conflicts
    /// outlasted the retries; nothing is written in either case.
    ///
    /// # Panics
    /// When the set is empty or has more than a hundred changes: the caller bounds its input.
    pub async fn commit(self) -> Result<(), WriteError<R>> {
        assert!((1..=MAX_ACTIONS).contains(&self.changes.len()), "a transaction has 1 to {MAX_ACTIONS} changes");
        let table = self.changes[0].0.table.clone();
        let (actions, refusals): (Vec<_>, Vec<R>) =
            self.changes.into_iter().map(|(change, refusal)| (change.into_action(), refusal)).unzip();
        let token = kernel::fresh::ulid().to_string();
        let refused = with_retries(|| {
            let call = table
                .client()
                .transact_write_items()
                .set_transact_items(Some(actions.clone()))
                .client_request_token(&token)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .customize()
                .config_override(Config::builder().retry_config(RetryConfig::disabled()));
            async {
                match call.send().await {
                    Ok(answer) => {
                        note_write(answer.consumed_capacity());
                        Try::Done(Ok(Vec::new()))
                    }
                    Err(error) => read_refusal(error),
                }
            }
        })
        .await?;
        if refused.is_empty() {
            return Ok(());
        }
        let refusals = refusals.into_iter().enumerate().filter(|(index, _)| refused.contains(index));
        Err(WriteError::Refused(refusals.map(|(_, refusal)| refusal).collect()))
    }
}

/// Which changes were refused, or whether to try again. A refusal beside a conflict is no verdict: the conflicting write may have been
/// about to make room, so the whole transaction is tried again.
fn read_refusal(error: SdkError<TransactWriteItemsError>) -> Try<Vec<usize>, StoreError> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return if is_unheard(&error) || is_throttled(&error) {
            Try::Again(StoreError::Busy(Box::new(error)))
        } else {
            Try::Done(Err(StoreError::from_sdk(error)))
        };
    };
    let reasons = cancelled.cancellation_reasons();
    if reasons.iter().any(|reason| is_passing(code(reason))) {
        return Try::Again(StoreError::Busy(Box::new(error)));
    }
    if reasons.iter().any(|reason| !matches!(code(reason), "None" | "ConditionalCheckFailed")) {
        return Try::Done(Err(StoreError::from_sdk(error)));
    }
    let refused = reasons.iter().enumerate().filter(|(_, reason)| code(reason) == "ConditionalCheckFailed");
    Try::Done(Ok(refused.map(|(index, _)| index).collect()))
}

fn code(reason: &CancellationReason) -> &str {
    reason.code().unwrap_or("None")
}

fn is_passing(code: &str) -> bool {
    matches!(
        code,
        "TransactionConflict"
            | "TransactionConflictException"
            | "TransactionInProgressException"
            | "ThrottlingError"
            | "ThrottlingException"
            | "ProvisionedThroughputExceeded"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
    )
}

/// Nothing is known of what became of the call.
pub(crate) fn is_unheard<E>(error: &SdkError<E>) -> bool {
    let failed_inside = error.raw_response().is_some_and(|response| response.status().as_u16() >= 500);
    failed_inside
        || matches!(error, SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_))
}

pub(crate) fn is_throttled<E: aws_sdk_dynamodb::error::ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.as_service_error().and_then(|error| error.code()).is_some_and(is_passing)
}

impl Change {
    /// Applies an update on its own (half the price of a transaction) and gives the row as it is afterwards.
    ///
    /// A single update has no client token, so the SDK must not send it twice: after a lost answer an `add` would count double.
    ///
    /// # Errors
    /// [`WriteError::Refused`] when the condition does not hold, otherwise a [`StoreError`].
    ///
    /// # Panics
    /// When the change is not an update.
    pub async fn apply<T: Entity>(self) -> Result<Row<T>, WriteError<()>> {
        let Kind::Update { key, steps } = self.kind else {
            unreachable!("apply belongs to an update");
        };
        let mut placeholders = Placeholders::default();
        let condition = self.condition.render(&mut placeholders);
        let update = render_steps(&steps, &mut placeholders);
        let answer = with_retries(|| {
            let call = self
                .table
                .client()
                .update_item()
                .table_name(self.table.name())
                .set_key(Some(key_item(key.clone())))
                .update_expression(&update)
                .condition_expression(&condition)
                .set_expression_attribute_names(placeholders.names())
                .set_expression_attribute_values(placeholders.values())
                .return_values(ReturnValue::AllNew)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .customize()
                .config_override(Config::builder().retry_config(RetryConfig::disabled()));
            async {
                match call.send().await {
                    Ok(answer) => {
                        note_write(answer.consumed_capacity());
                        Try::Done(Ok(answer.attributes.unwrap_or_default()))
                    }
                    Err(error) => read_update_refusal(error),
                }
            }
        })
        .await?;
        Ok(decode(answer)?)
    }
}

fn read_update_refusal<T>(error: SdkError<UpdateItemError>) -> Try<T, WriteError<()>> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(_)) => Try::Done(Err(WriteError::Refused(vec![()]))),
        Some(UpdateItemError::TransactionConflictException(_)) => {
            Try::Again(WriteError::Store(StoreError::Busy(Box::new(error))))
        }
        _ if is_throttled(&error) => Try::Again(WriteError::Store(StoreError::Busy(Box::new(error)))),
        // It may have happened, so nobody is told to try again.
        _ if is_unheard(&error) => Try::Done(Err(WriteError::Store(StoreError::Aws(Box::new(error))))),
        _ => Try::Done(Err(WriteError::Store(StoreError::from_sdk(error)))),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::operation::get_item::GetItemError;
    use aws_sdk_dynamodb::types::error::TransactionCanceledException;

    use super::*;

    fn cancelled(codes: &[&str]) -> SdkError<TransactWriteItemsError> {
        let reasons = codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect();
        let exception = TransactionCanceledException::builder().set_cancellation_reasons(Some(reasons)).build();
        let response = aws_smithy_runtime_api::http::Response::new(
            400.try_into().expect("a status"),
            aws_smithy_types::body::SdkBody::empty(),
        );
        SdkError::service_error(TransactWriteItemsError::TransactionCanceledException(exception), response)
    }

    #[test]
    fn each_failed_condition_is_read_as_the_refusal_of_its_own_change() {
        let Try::Done(Ok(refused)) = read_refusal(cancelled(&["None", "ConditionalCheckFailed", "None"])) else {
            panic!("not a refusal");
        };
        assert_eq!(refused, [1]);
    }

    #[test]
    fn a_conflict_is_never_taken_for_a_refusal() {
        let answer = read_refusal(cancelled(&["ConditionalCheckFailed", "TransactionConflict"]));
        assert!(matches!(answer, Try::Again(StoreError::Busy(_))));
    }

    #[test]
    fn a_call_that_nobody_answered_may_be_made_again_but_a_single_update_may_not() {
        let read = StoreError::from_sdk::<GetItemError>(SdkError::timeout_error("silence"));
        assert!(matches!(read, StoreError::Busy(_)));
        let update = read_update_refusal::<()>(SdkError::timeout_error("silence"));
        assert!(matches!(update, Try::Done(Err(WriteError::Store(StoreError::Aws(_))))));
    }

    #[test]
    fn a_reason_nobody_knows_is_an_error_not_a_refusal() {
        assert!(matches!(read_refusal(cancelled(&["ValidationError"])), Try::Done(Err(StoreError::Aws(_)))));
    }
}
