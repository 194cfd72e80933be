//! Wires `POST /orders`.

use api::{Authenticator, Capability};
use orders::handlers::place_order::{Deps, handle};
use orders::store::Placement;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        store: Placement::from_env().await?,
        auth: Authenticator::from_env()?,
        capability: Capability::from_env()?,
        currency: aws::env::parsed("SHOP_CURRENCY")?,
        payment_window_seconds: aws::env::parsed("PAYMENT_WINDOW_SECONDS")?,
        now: kernel::fresh::now,
        new_id: kernel::fresh::ulid,
    };
    api::serve(deps, handle).await
}
