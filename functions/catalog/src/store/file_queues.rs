//! Where the rest of an import or of a copy waits: the queue of the function itself.

use aws_sdk_sqs::Client;
use serde::Serialize;

use crate::handlers::list_product::NotQueued;
use crate::handlers::run_export::{self, ExportWork};
use crate::handlers::run_import::{self, ImportWork};

/// A queue of files that are worked on.
#[derive(Debug, Clone)]
pub struct FileQueue {
    client: Client,
    url: String,
}

impl FileQueue {
    /// The queue that `setting` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env(setting: &'static str) -> Result<Self, aws::env::SettingError> {
        let url = aws::env::required(setting)?;
        Ok(Self { client: Client::new(&aws::config().await), url })
    }

    async fn send(&self, work: &impl Serialize) -> Result<(), NotQueued> {
        let body = serde_json::to_string(work).map_err(|error| NotQueued(error.into()))?;
        let sent = self.client.send_message().queue_url(&self.url).message_body(body).send().await;
        sent.map(|_| ()).map_err(|error| NotQueued(error.into()))
    }
}

impl run_import::SendOn for FileQueue {
    async fn send_on(&self, work: &ImportWork) -> Result<(), NotQueued> {
        self.send(work).await
    }
}

impl run_export::SendOn for FileQueue {
    async fn send_on(&self, work: &ExportWork) -> Result<(), NotQueued> {
        self.send(work).await
    }
}
