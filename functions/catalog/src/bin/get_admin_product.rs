//! Wires `GET /admin/products/{id}`.

use api::Staff;
use catalog::handlers::get_admin_product::{Deps, handle};
use catalog::store::Catalog;
use kernel::fresh;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps { catalog: Catalog::from_env().await?, staff: Staff::from_env().await?, now: fresh::now };
    api::serve(deps, handle).await
}
