//! Wires `GET /payments/{id}`.

use api::{Authenticator, Capability};
use payments::handlers::get_payment::{Deps, handle};
use payments::store::Payments;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        payments: Payments::from_env().await?,
        auth: Authenticator::from_env()?,
        capability: Capability::from_env()?,
    };
    api::serve(deps, handle).await
}
