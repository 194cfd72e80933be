use std::time::Duration;

use aws::fetch::{Answer, fetch};
use http::{Method, Request};
use kernel::{Money, OrderId, PaymentId};
use serde::de::DeserializeOwned;

use crate::domain::{Payment, Refund, RefundReason};
use crate::handlers::{CancelIntent, OpenIntent, RefundIntent, RetrieveIntent, RetrieveRefund};
use crate::stripe::form::Form;
use crate::stripe::objects::{Intent, IntentRefund};
use crate::stripe::{ProviderError, Secrets, error};

const DEFAULT_URL: &str = "https://api.stripe.com";
/// The shapes this client reads; the account's own version may be another.
const API_VERSION: &str = "2024-06-20";
/// A call ends well before the function does, so that there is time to say so.
const PATIENCE: Duration = Duration::from_secs(6);

/// Stripe's API with the shop's key.
pub struct Stripe {
    url: String,
    environment: String,
    secrets: Secrets,
}

impl Stripe {
    /// The API at `STRIPE_API_URL`, with the secret that `STRIPE_SECRET_ID` names.
    ///
    /// # Errors
    /// When a setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self {
            url: aws::env::or("STRIPE_API_URL", DEFAULT_URL).trim_end_matches('/').to_owned(),
            environment: aws::env::required("SOUK_ENVIRONMENT")?,
            secrets: Secrets::from_env().await?,
        })
    }

    /// What lets a webhook find its payment, and only the environment that made it.
    fn about(&self, form: Form, payment: PaymentId, order: OrderId) -> Form {
        form.with("metadata[payment_id]", &payment.to_string())
            .with("metadata[order_id]", &order.to_string())
            .with("metadata[environment]", &self.environment)
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        idempotency_key: Option<&str>,
        form: Form,
    ) -> Result<T, ProviderError> {
        let secret = self.secrets.read().await?;
        if secret.secret_key.is_empty() {
            return Err(ProviderError::NotConfigured("there is no secret key"));
        }
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("Authorization", format!("Bearer {}", secret.secret_key))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Stripe-Version", API_VERSION);
        if let Some(key) = idempotency_key {
            request = request.header("Idempotency-Key", key);
        }
        let request =
            request.body(form.into_body()).map_err(|_| ProviderError::NotConfigured("the key or URL is not valid"))?;
        let unavailable = |error: Box<dyn std::error::Error + Send + Sync>| ProviderError::Unavailable(error);
        let answer =
            tokio::time::timeout(PATIENCE, fetch(request)).await.map_err(|late| unavailable(Box::new(late)))?;
        let Answer { status, body } = answer.map_err(|none| unavailable(Box::new(none)))?;
        if !(200..300).contains(&status) {
            return Err(error::read(status, &body));
        }
        serde_json::from_slice(&body).map_err(|unreadable| unavailable(Box::new(unreadable)))
    }
}

impl OpenIntent for Stripe {
    async fn open_intent(&self, payment: &Payment) -> Result<Intent, ProviderError> {
        let form = amount(payment.amount)
            .with("currency", &payment.amount.currency.code().to_ascii_lowercase())
            .with("automatic_payment_methods[enabled]", "true");
        let form = self.about(form, payment.id, payment.order_id);
        self.call(Method::POST, "/v1/payment_intents", Some(&payment.provider_key()), form).await
    }
}

impl CancelIntent for Stripe {
    async fn cancel_intent(&self, intent: &str) -> Result<Intent, ProviderError> {
        // Without an idempotency key: a kept refusal would hide that the intent has moved on since.
        let form = Form::default().with("cancellation_reason", "abandoned");
        self.call(Method::POST, &format!("/v1/payment_intents/{intent}/cancel"), None, form).await
    }
}

impl RetrieveIntent for Stripe {
    async fn retrieve_intent(&self, intent: &str) -> Result<Intent, ProviderError> {
        self.call(Method::GET, &format!("/v1/payment_intents/{intent}"), None, Form::default()).await
    }
}

impl RefundIntent for Stripe {
    async fn refund_intent(&self, refund: &Refund, intent: &str) -> Result<IntentRefund, ProviderError> {
        let reason = match refund.reason {
            RefundReason::OrderCancelled => "requested_by_customer",
            RefundReason::Duplicate => "duplicate",
        };
        let form = amount(refund.amount)
            .with("payment_intent", intent)
            .with("reason", reason)
            .with("metadata[refund_id]", &refund.id.to_string());
        let form = self.about(form, refund.payment_id, refund.order_id);
        self.call(Method::POST, "/v1/refunds", Some(&refund.provider_key()), form).await
    }
}

impl RetrieveRefund for Stripe {
    async fn retrieve_refund(&self, id: &str) -> Result<IntentRefund, ProviderError> {
        self.call(Method::GET, &format!("/v1/refunds/{id}"), None, Form::default()).await
    }
}

fn amount(money: Money) -> Form {
    Form::default().with("amount", &money.amount.to_string())
}

#[cfg(test)]
mod tests;
