use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::usage::note_call;

/// An item as DynamoDB gives it.
pub type Item = HashMap<String, AttributeValue>;

/// A service's table. Cheap to clone; all tables of a process share one client.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    /// The table that the setting `variable` (such as `ORDERS_TABLE`) names. The connection is opened now, while nobody waits.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env(variable: &'static str) -> Result<Self, aws::env::SettingError> {
        static CLIENT: tokio::sync::OnceCell<Client> = tokio::sync::OnceCell::const_new();
        let name = aws::env::required(variable)?;
        let client = CLIENT
            .get_or_init(|| async {
                let (config, ()) = tokio::join!(aws::config(), aws::warm_up("dynamodb"));
                Client::new(&config)
            })
            .await;
        Ok(Self::new(client.clone(), name))
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The client, for one call.
    pub(crate) fn client(&self) -> &Client {
        note_call();
        &self.client
    }
}
