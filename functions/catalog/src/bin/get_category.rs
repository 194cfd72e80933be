//! Wires `GET /admin/categories/{id}`.

use api::Staff;
use catalog::handlers::get_category::{Deps, handle};
use catalog::store::Catalog;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    api::serve(Deps { catalog: Catalog::from_env().await?, staff: Staff::from_env().await? }, handle).await
}
