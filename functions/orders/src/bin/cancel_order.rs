//! Wires `POST /orders/{id}/cancellations`.

use api::{Authenticator, Capability};
use orders::handlers::cancel_order::{Deps, handle};
use orders::store::Orders;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        orders: Orders::from_env().await?,
        auth: Authenticator::from_env()?,
        capability: Capability::from_env()?,
        now: kernel::fresh::now,
        new_id: kernel::fresh::ulid,
    };
    api::serve(deps, handle).await
}
