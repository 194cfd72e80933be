//! Wires `POST /orders/{id}/payments`.

use api::{Authenticator, Capability};
use payments::domain::PaymentWindow;
use payments::handlers::Clock;
use payments::handlers::create_payment::{Deps, handle};
use payments::store::Till;
use payments::stripe::Stripe;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        store: Till::from_env().await?,
        provider: Stripe::from_env().await?,
        auth: Authenticator::from_env()?,
        capability: Capability::from_env()?,
        window: PaymentWindow {
            extension_seconds: aws::env::parsed("PAYMENT_EXTENSION_SECONDS")?,
            max_seconds: aws::env::parsed("PAYMENT_MAX_SECONDS")?,
        },
        clock: Clock { now: kernel::fresh::now, new_id: kernel::fresh::ulid },
    };
    api::serve(deps, handle).await
}
