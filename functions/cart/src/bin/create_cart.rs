//! Wires `POST /carts`.

use api::{Authenticator, Capability};
use cart::handlers::create_cart::{Deps, handle};
use cart::store::Carts;
use kernel::fresh;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        carts: Carts::from_env().await?,
        auth: Authenticator::from_env()?,
        capability: Capability::from_env()?,
        currency: aws::env::parsed("SHOP_CURRENCY")?,
        now: fresh::now,
        new_id: fresh::ulid,
    };
    api::serve(deps, handle).await
}
