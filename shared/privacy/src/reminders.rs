use aws_sdk_sqs::Client;

use crate::forget::{NotSent, SendLater};

/// The queue of a service's deletions, for sending a message on.
#[derive(Debug, Clone)]
pub struct Reminders {
    client: Client,
    url: String,
}

impl Reminders {
    /// The queue that `DELETION_QUEUE_URL` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self { client: Client::new(&aws::config().await), url: aws::env::required("DELETION_QUEUE_URL")? })
    }
}

impl SendLater for Reminders {
    async fn send_later(&self, body: String, seconds: i32) -> Result<(), NotSent> {
        let call = self.client.send_message().queue_url(&self.url).message_body(body).delay_seconds(seconds);
        call.send().await.map(|_| ()).map_err(|cause| NotSent(Box::new(cause)))
    }
}
