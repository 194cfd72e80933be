//! Where work waits that follows from changes: products to be listed anew, categories whose products follow, SKUs that are back.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use kernel::ProductId;
use serde::Serialize;
use telemetry::Trace;

use crate::handlers::list_product::{ListWork, NotQueued, QueueListing};
use crate::handlers::on_stock_change::Bury;
use crate::handlers::relist_category::{RelistWork, SendOn};
use crate::handlers::send_stock_alerts::{AlertWork, QueueAlerts};

/// Messages of one call.
const BATCH: usize = 10;

/// The queue of products whose lists may have to change.
#[derive(Debug, Clone)]
pub struct ListQueue {
    client: Client,
    url: String,
}

impl ListQueue {
    /// The queue that `LIST_QUEUE_URL` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        let (client, url) = open("LIST_QUEUE_URL").await?;
        Ok(Self { client, url })
    }
}

/// The queue of categories whose products follow them.
#[derive(Debug, Clone)]
pub struct RelistQueue {
    client: Client,
    url: String,
}

impl RelistQueue {
    /// The queue that `RELIST_QUEUE_URL` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        let (client, url) = open("RELIST_QUEUE_URL").await?;
        Ok(Self { client, url })
    }
}

/// The queue of SKUs that can be bought again.
#[derive(Debug, Clone)]
pub struct AlertQueue {
    client: Client,
    url: String,
}

impl AlertQueue {
    /// The queue that `ALERT_QUEUE_URL` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        let (client, url) = open("ALERT_QUEUE_URL").await?;
        Ok(Self { client, url })
    }
}

/// The queue of what a consumer of the table's stream cannot read.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    client: Client,
    url: String,
}

impl DeadLetters {
    /// The queue that `DEAD_LETTER_QUEUE_URL` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        let (client, url) = open("DEAD_LETTER_QUEUE_URL").await?;
        Ok(Self { client, url })
    }
}

async fn open(setting: &'static str) -> Result<(Client, String), aws::env::SettingError> {
    let url = aws::env::required(setting)?;
    let (config, ()) = tokio::join!(aws::config(), aws::warm_up("sqs"));
    Ok((Client::new(&config), url))
}

impl QueueListing for ListQueue {
    async fn queue_listing(&self, products: &[ProductId], trace: &Trace) -> Result<(), NotQueued> {
        for batch in products.chunks(BATCH) {
            let entries = batch.iter().map(|product| entry(*product, trace)).collect::<Result<Vec<_>, _>>()?;
            let call = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
            let answer = call.send().await.map_err(|error| NotQueued(Box::new(error)))?;
            if let Some(failed) = answer.failed().first() {
                return Err(NotQueued(format!("{} of a batch: {}", answer.failed().len(), failed.code()).into()));
            }
        }
        Ok(())
    }
}

fn entry(product_id: ProductId, trace: &Trace) -> Result<SendMessageBatchRequestEntry, NotQueued> {
    let work = ListWork { product_id, trace: trace.clone() };
    let body = serde_json::to_string(&work).map_err(|error| NotQueued(error.into()))?;
    let entry = SendMessageBatchRequestEntry::builder().id(product_id.to_string()).message_body(body).build();
    entry.map_err(|error| NotQueued(error.into()))
}

impl SendOn for RelistQueue {
    async fn send_on(&self, work: &RelistWork) -> Result<(), NotQueued> {
        send(&self.client, &self.url, work).await
    }
}

impl QueueAlerts for AlertQueue {
    async fn queue_alerts(&self, work: &AlertWork) -> Result<(), NotQueued> {
        send(&self.client, &self.url, work).await
    }
}

async fn send(client: &Client, url: &str, work: &impl Serialize) -> Result<(), NotQueued> {
    let body = serde_json::to_string(work).map_err(|error| NotQueued(error.into()))?;
    send_text(client, url, body).await
}

async fn send_text(client: &Client, url: &str, body: String) -> Result<(), NotQueued> {
    let sent = client.send_message().queue_url(url).message_body(body).send().await;
    sent.map(|_| ()).map_err(|error| NotQueued(error.into()))
}

impl Bury for DeadLetters {
    async fn bury(&self, text: String) -> Result<(), NotQueued> {
        send_text(&self.client, &self.url, text).await
    }
}
