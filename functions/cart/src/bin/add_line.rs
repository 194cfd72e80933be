//! Wires `POST /carts/{id}/lines`.

use api::{Authenticator, Capability};
use cart::handlers::add_line::{Deps, handle};
use cart::store::PricedCarts;
use kernel::fresh;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        carts: PricedCarts::from_env().await?,
        auth: Authenticator::from_env()?,
        capability: Capability::from_env()?,
        now: fresh::now,
    };
    api::serve(deps, handle).await
}
