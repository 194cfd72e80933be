//! `POST /hooks/stripe`: see that it is Stripe who speaks, and queue what it says.

use std::sync::Arc;

use api::{Code, Problem, Request, Response};
use events::Unreadable;
use kernel::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use telemetry::Trace;

use crate::stripe::{Event, ProviderError, Secrets, StripeSecret, verify};

/// Stripe's events are larger than shoppers' requests.
pub const MAX_BODY: usize = 256 * 1024;

/// All this endpoint does: nothing is stored before the event is processed.
pub trait Enqueue {
    async fn enqueue(&self, message: String) -> Result<(), NotQueued>;
}

#[derive(Debug, thiserror::Error)]
#[error("the webhook was not queued")]
pub struct NotQueued(#[source] pub Box<dyn std::error::Error + Send + Sync>);

pub trait ReadSecret {
    async fn read_secret(&self) -> Result<Arc<StripeSecret>, ProviderError>;
}

impl ReadSecret for Secrets {
    async fn read_secret(&self) -> Result<Arc<StripeSecret>, ProviderError> {
        self.read().await
    }
}

pub struct Deps<S, Q> {
    pub secrets: S,
    pub queue: Q,
    pub now: fn() -> Timestamp,
}

/// Stripe only looks at the status.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Received {}

/// A webhook on its way to `process-webhook`.
#[derive(Serialize, Deserialize)]
struct Queued {
    trace: Trace,
    body: String,
}

/// A verified webhook.
#[derive(Debug)]
pub struct WebhookMessage {
    pub trace: Trace,
    pub event: Event,
}

impl queue::Message for WebhookMessage {
    fn read(body: &str) -> Result<Self, Unreadable> {
        let Queued { trace, body } = serde_json::from_str(body)?;
        Ok(Self { trace, event: serde_json::from_str(&body)? })
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

pub async fn handle(deps: &Deps<impl ReadSecret, impl Enqueue>, request: Request) -> Result<Response, Problem> {
    let secret = deps.secrets.read_secret().await.map_err(unreadable)?;
    if secret.webhook_secrets.iter().all(String::is_empty) {
        return Err(Problem::new(Code::ProviderNotConfigured));
    }
    let body = request.raw_body();
    verify(request.header("stripe-signature"), body, &secret.webhook_secrets, (deps.now)())
        .map_err(|why| Problem::new(Code::SignatureInvalid).because(why))?;
    let body = String::from_utf8(body.to_vec()).map_err(|why| Problem::new(Code::MalformedJson).because(why))?;
    let message = serde_json::to_string(&Queued { trace: request.trace().clone(), body });
    let message = message.map_err(Problem::internal)?;
    deps.queue.enqueue(message).await.map_err(|why| Problem::new(Code::TryAgain).because(why))?;
    Ok(Response::ok(&Received {}))
}

fn unreadable(error: ProviderError) -> Problem {
    let code = match error {
        ProviderError::NotConfigured(_) => Code::ProviderNotConfigured,
        ProviderError::Failed(_) | ProviderError::Unavailable(_) | ProviderError::Refused(_) => {
            Code::ProviderUnavailable
        }
    };
    Problem::new(code).because(error)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use queue::Message as _;

    use super::*;
    use crate::stripe::sign;

    struct Secret(&'static [&'static str]);

    impl ReadSecret for Secret {
        async fn read_secret(&self) -> Result<Arc<StripeSecret>, ProviderError> {
            let webhook_secrets = self.0.iter().map(|secret| (*secret).to_owned()).collect();
            Ok(Arc::new(StripeSecret { webhook_secrets, ..StripeSecret::default() }))
        }
    }

    #[derive(Default)]
    struct Queue(Mutex<Vec<String>>);

    impl Enqueue for Queue {
        async fn enqueue(&self, message: String) -> Result<(), NotQueued> {
            self.0.lock().unwrap().push(message);
            Ok(())
        }
    }

    const BODY: &str = "{\n  \"id\": \"evt_1\",\n  \"type\": \"customer.created\",\n  \"data\": {\"object\": {}}\n}";

    async fn send(
        secrets: &'static [&'static str],
        signature: Option<String>,
        body: &str,
    ) -> (Result<u16, Code>, Vec<String>) {
        let deps = Deps { secrets: Secret(secrets), queue: Queue::default(), now: testkit::now };
        let request = testkit::request::post("/hooks/stripe").body(body);
        let request =
            signature.into_iter().fold(request, |request, signature| request.header("Stripe-Signature", signature));
        let outcome = handle(&deps, request.build()).await;
        let outcome = outcome.map(|response| response.status().as_u16()).map_err(|problem| problem.code());
        (outcome, deps.queue.0.into_inner().unwrap())
    }

    fn signed(seconds: i64) -> Option<String> {
        Some(sign("whsec_a", testkit::now().epoch_seconds() + seconds, BODY.as_bytes()))
    }

    #[tokio::test]
    async fn a_signed_event_is_queued_as_it_came_with_the_requests_trace() {
        let (outcome, queued) = send(&["whsec_old", "whsec_a"], signed(0), BODY).await;
        assert_eq!((outcome, queued.len()), (Ok(200), 1));
        let message = WebhookMessage::read(&queued[0]).unwrap();
        assert_eq!((message.event.id.as_str(), message.trace.correlation_id.as_str()), ("evt_1", "request-1"));
    }

    #[tokio::test]
    async fn what_is_not_signed_by_stripe_just_now_is_refused_and_not_queued() {
        let changed = BODY.replace("evt_1", "evt_2");
        for (signature, body) in
            [(None, BODY), (signed(0), changed.as_str()), (signed(-301), BODY), (Some("t=1,v1=00".into()), BODY)]
        {
            let (outcome, queued) = send(&["whsec_a"], signature.clone(), body).await;
            assert_eq!((outcome, queued), (Err(Code::SignatureInvalid), Vec::new()), "{signature:?}");
        }
    }

    #[tokio::test]
    async fn without_a_webhook_secret_stripe_is_asked_to_come_again() {
        let (outcome, queued) = send(&[], signed(0), BODY).await;
        assert_eq!((outcome, queued), (Err(Code::ProviderNotConfigured), Vec::new()));
    }
}
