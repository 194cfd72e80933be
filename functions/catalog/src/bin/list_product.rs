//! Wires the queue of products whose lists may have to change.

use catalog::handlers::list_product::{Deps, handle};
use catalog::store::Catalog;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    queue::consume(Deps { catalog: Catalog::from_env().await? }, handle).await
}
