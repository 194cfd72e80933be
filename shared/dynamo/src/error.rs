use aws_sdk_dynamodb::error::{BoxError, SdkError};

use crate::write::{is_throttled, is_unheard};

/// The store could not do what was asked; nothing is known to have changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Conflicts, throttling or silence outlasted the retries: the caller may try again.
    #[error("the table is too busy")]
    Busy(#[source] BoxError),
    /// A row that this version cannot read. Never skipped, never overwritten.
    #[error("cannot read row {pk} / {sk}")]
    Undecodable {
        pk: String,
        sk: String,
        #[source]
        source: serde_dynamo::Error,
    },
    /// Anything else DynamoDB said, or that nothing was heard of a write that must not be sent twice.
    #[error("DynamoDB call failed")]
    Aws(#[source] BoxError),
}

impl StoreError {
    pub(crate) fn from_sdk<E>(error: SdkError<E>) -> Self
    where
        E: std::error::Error + aws_sdk_dynamodb::error::ProvideErrorMetadata + Send + Sync + 'static,
    {
        if is_throttled(&error) || is_unheard(&error) {
            Self::Busy(Box::new(error))
        } else {
            Self::Aws(Box::new(error))
        }
    }
}

/// A write that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<R> {
    /// Conditions did not hold; one value for each refused change, in the order the changes were added.
    #[error("the write was refused")]
    Refused(Vec<R>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<R> WriteError<R> {
    /// Turns the first refusal into the caller's own error.
    pub fn on_refused<E: From<StoreError>>(self, answer: impl FnOnce(R) -> E) -> E {
        match self {
            Self::Refused(refusals) => answer(refusals.into_iter().next().expect("a refused write names a change")),
            Self::Store(error) => error.into(),
        }
    }
}
