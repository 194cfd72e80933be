//! Wires `POST /quotes`.

use api::{Authenticator, Capability};
use orders::handlers::quote::{Deps, handle};
use orders::store::Checkout;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        checkout: Checkout::from_env().await?,
        auth: Authenticator::from_env()?,
        capability: Capability::from_env()?,
        currency: aws::env::parsed("SHOP_CURRENCY")?,
        now: kernel::fresh::now,
    };
    api::serve(deps, handle).await
}
