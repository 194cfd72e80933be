//! Wires `UserExportRequested.v1`.

use payments::store::Payments;
use privacy::{Exporting, export_part};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let payments = Payments::from_env().await?;
    let deps = Exporting::from_env("payments", payments.table().clone(), payments).await?;
    queue::consume(deps, export_part).await
}
