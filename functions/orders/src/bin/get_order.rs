//! Wires `GET /orders/{id}`.

use api::{Authenticator, Capability};
use orders::handlers::get_order::{Deps, handle};
use orders::store::Orders;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        orders: Orders::from_env().await?,
        auth: Authenticator::from_env()?,
        capability: Capability::from_env()?,
    };
    api::serve(deps, handle).await
}
