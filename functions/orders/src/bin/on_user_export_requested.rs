//! Wires `UserExportRequested.v1`.

use orders::store::Orders;
use privacy::{Exporting, export_part};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let orders = Orders::from_env().await?;
    let deps = Exporting::from_env("orders", orders.table().clone(), orders).await?;
    queue::consume(deps, export_part).await
}
