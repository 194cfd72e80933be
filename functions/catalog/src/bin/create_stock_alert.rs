//! Wires `POST /products/{id}/stock-alerts`.

use api::Authenticator;
use catalog::handlers::create_stock_alert::{Deps, handle};
use catalog::store::Alerts;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps { alerts: Alerts::from_env().await?, auth: Authenticator::from_env()?, now: kernel::fresh::now };
    api::serve(deps, handle).await
}
