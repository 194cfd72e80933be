//! Wires `POST /hooks/stripe`.

use payments::handlers::receive_stripe_webhook::{Deps, MAX_BODY, handle};
use payments::store::WebhookQueue;
use payments::stripe::Secrets;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps =
        Deps { secrets: Secrets::from_env().await?, queue: WebhookQueue::from_env().await?, now: kernel::fresh::now };
    api::serve_bodies_up_to(MAX_BODY, deps, handle).await
}
