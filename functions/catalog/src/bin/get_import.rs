//! Wires `GET /admin/imports/{id}`.

use api::Staff;
use catalog::handlers::get_import::{Deps, handle};
use catalog::store::Catalog;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps { catalog: Catalog::from_env().await?, staff: Staff::from_env().await? };
    api::serve(deps, handle).await
}
