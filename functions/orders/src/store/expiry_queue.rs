use aws_sdk_sqs::Client;

use crate::handlers::expire_order::{NotSent, SendLater};

/// The queue that brings an order back when its time to pay may be over.
#[derive(Debug, Clone)]
pub struct ExpiryQueue {
    client: Client,
    url: String,
}

impl ExpiryQueue {
    /// The queue that `EXPIRY_QUEUE_URL` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self { client: Client::new(&aws::config().await), url: aws::env::required("EXPIRY_QUEUE_URL")? })
    }
}

impl SendLater for ExpiryQueue {
    async fn send_later(&self, body: &str, seconds: i32) -> Result<(), NotSent> {
        let call = self.client.send_message().queue_url(&self.url).message_body(body).delay_seconds(seconds);
        call.send().await.map(|_| ()).map_err(|cause| NotSent(Box::new(cause)))
    }
}
