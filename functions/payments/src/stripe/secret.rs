use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::stripe::ProviderError;

/// A changed secret is in use everywhere after this long.
const KEEP: Duration = Duration::from_secs(300);

/// What the shop's operator got from Stripe. It starts empty, and nothing of it is ever logged.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct StripeSecret {
    pub secret_key: String,
    /// More than one while they are being changed.
    pub webhook_secrets: Vec<String>,
}

/// The secret in Secrets Manager, read at first use.
pub struct Secrets {
    client: aws_sdk_secretsmanager::Client,
    id: String,
    kept: Mutex<Option<(Instant, Arc<StripeSecret>)>>,
}

impl Secrets {
    /// The secret that `STRIPE_SECRET_ID` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        let id = aws::env::required("STRIPE_SECRET_ID")?;
        let client = aws_sdk_secretsmanager::Client::new(&aws::config().await);
        Ok(Self { client, id, kept: Mutex::new(None) })
    }

    /// The secret as it is now, or was up to five minutes ago. One that is not filled in is read anew each time, so that a shop is
    /// open for payments as soon as its operator is done.
    ///
    /// # Errors
    /// [`ProviderError::Unavailable`] when it cannot be read.
    pub async fn read(&self) -> Result<Arc<StripeSecret>, ProviderError> {
        let mut kept = self.kept.lock().await;
        if let Some((read_at, secret)) = kept.as_ref()
            && read_at.elapsed() < KEEP
        {
            return Ok(Arc::clone(secret));
        }
        let secret = Arc::new(self.fetch().await?);
        *kept = (!secret.secret_key.is_empty()).then(|| (Instant::now(), Arc::clone(&secret)));
        Ok(secret)
    }

    async fn fetch(&self) -> Result<StripeSecret, ProviderError> {
        let answer = self.client.get_secret_value().secret_id(&self.id).send().await;
        let answer = answer.map_err(|error| ProviderError::Unavailable(Box::new(error)))?;
        // The reader's message would quote the text.
        serde_json::from_str(answer.secret_string().unwrap_or("{}"))
            .map_err(|_| ProviderError::NotConfigured("the secret is not the JSON it should be"))
    }
}

#[cfg(test)]
impl Secrets {
    /// A secret that was read just now.
    pub(super) fn known(secret: StripeSecret) -> Self {
        let config = aws_sdk_secretsmanager::Config::builder()
            .behavior_version(aws_sdk_secretsmanager::config::BehaviorVersion::latest())
            .build();
        let client = aws_sdk_secretsmanager::Client::from_conf(config);
        Self { client, id: String::new(), kept: Mutex::new(Some((Instant::now(), Arc::new(secret)))) }
    }
}
