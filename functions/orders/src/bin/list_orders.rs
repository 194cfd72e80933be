//! Wires `GET /orders`.

use api::Authenticator;
use orders::handlers::list_orders::{Deps, handle};
use orders::store::Orders;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps { orders: Orders::from_env().await?, auth: Authenticator::from_env()? };
    api::serve(deps, handle).await
}
