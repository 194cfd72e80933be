//! Wires `UserExportRequested.v1`.

use notifications::store::Deliveries;
use privacy::{Exporting, export_part};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deliveries = Deliveries::from_env().await?;
    let deps = Exporting::from_env("notifications", deliveries.table().clone(), deliveries).await?;
    queue::consume(deps, export_part).await
}
