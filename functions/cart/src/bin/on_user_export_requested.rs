//! Wires `UserExportRequested.v1`.

use cart::store::Carts;
use privacy::{Exporting, export_part};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let carts = Carts::from_env().await?;
    let deps = Exporting::from_env("cart", carts.table().clone(), carts).await?;
    queue::consume(deps, export_part).await
}
