//! Wires `UserExportRequested.v1`.

use catalog::store::Catalog;
use privacy::{Exporting, export_part};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let catalog = Catalog::from_env().await?;
    let deps = Exporting::from_env("catalog", catalog.table().clone(), catalog).await?;
    queue::consume(deps, export_part).await
}
