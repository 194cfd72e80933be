use crate::handlers::codes::{CodeWanted, NotQueued, QueueCode};

/// Where whoever may be due a code waits to be looked up.
#[derive(Debug, Clone)]
pub struct CodesQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl CodesQueue {
    /// The queue that `CODES_QUEUE_URL` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        let url = aws::env::required("CODES_QUEUE_URL")?;
        let (config, ()) = tokio::join!(aws::config(), aws::warm_up("sqs"));
        Ok(Self { client: aws_sdk_sqs::Client::new(&config), url })
    }
}

impl QueueCode for CodesQueue {
    async fn queue_code(&self, wanted: &CodeWanted) -> Result<(), NotQueued> {
        let body = serde_json::to_string(wanted).map_err(|error| NotQueued(error.into()))?;
        let call = self.client.send_message().queue_url(&self.url).message_body(body);
        let sent = call.delay_seconds(wanted.kind.delay_seconds()).send().await;
        sent.map(|_| ()).map_err(|error| NotQueued(error.into()))
    }
}
