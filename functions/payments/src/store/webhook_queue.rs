use crate::handlers::receive_stripe_webhook::{Enqueue, NotQueued};

/// Where webhooks wait to be processed.
#[derive(Debug, Clone)]
pub struct WebhookQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl WebhookQueue {
    /// The queue that `WEBHOOK_QUEUE_URL` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        let url = aws::env::required("WEBHOOK_QUEUE_URL")?;
        let (config, ()) = tokio::join!(aws::config(), aws::warm_up("sqs"));
        Ok(Self { client: aws_sdk_sqs::Client::new(&config), url })
    }
}

impl Enqueue for WebhookQueue {
    async fn enqueue(&self, message: String) -> Result<(), NotQueued> {
        let sent = self.client.send_message().queue_url(&self.url).message_body(message).send().await;
        sent.map(|_| ()).map_err(|error| NotQueued(Box::new(error)))
    }
}
