//! Wires `GET /products/by-slug/{slug}`.

use catalog::handlers::get_product_by_slug::{Deps, handle};
use catalog::store::Catalog;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    api::serve(Deps { catalog: Catalog::from_env().await? }, handle).await
}
