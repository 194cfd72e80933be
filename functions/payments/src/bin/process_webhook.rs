//! Wires the queue of verified webhooks.

use payments::handlers::Clock;
use payments::handlers::process_webhook::{Deps, handle};
use payments::store::Till;
use payments::stripe::Stripe;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Deps {
        store: Till::from_env().await?,
        provider: Stripe::from_env().await?,
        environment: aws::env::required("SOUK_ENVIRONMENT")?,
        clock: Clock { now: kernel::fresh::now, new_id: kernel::fresh::ulid },
    };
    queue::consume(deps, handle).await
}
