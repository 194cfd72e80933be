//! How many messages wait in a queue.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BoxError;
use aws_sdk_sqs::types::QueueAttributeName;

use crate::handlers::list_services::CountMessages;

#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    #[error("the queue cannot be asked: {0}")]
    Aws(#[source] BoxError),
    #[error("the queue's count is not a number: {0}")]
    Count(String),
}

/// All queues; the role says which may be asked.
#[derive(Debug, Clone)]
pub struct Queues {
    client: Client,
}

impl Queues {
    /// Ready to ask.
    pub async fn connect() -> Self {
        Self { client: Client::new(&aws::config().await) }
    }
}

impl CountMessages for Queues {
    async fn count_messages(&self, queue_url: &str) -> Result<u64, QueueError> {
        let waiting = QueueAttributeName::ApproximateNumberOfMessages;
        let call = self.client.get_queue_attributes().queue_url(queue_url).attribute_names(waiting.clone());
        let answer = call.send().await.map_err(|error| QueueError::Aws(error.into()))?;
        let count =
            answer.attributes().and_then(|attributes| attributes.get(&waiting)).map(String::as_str).unwrap_or_default();
        count.parse().map_err(|_| QueueError::Count(count.to_owned()))
    }
}
