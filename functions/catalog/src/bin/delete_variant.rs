//! Wires `DELETE /admin/products/{id}/variants/{sku}`.

use catalog::handlers::delete_variant::handle;
use catalog::handlers::edits::Deps;
use catalog::store::Catalog;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    api::serve(Deps::from_env(Catalog::from_env().await?).await?, handle).await
}
