//! Wires `GET /products/{id}`.

use catalog::handlers::get_product::{Deps, handle};
use catalog::store::Catalog;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    api::serve(Deps { catalog: Catalog::from_env().await? }, handle).await
}
