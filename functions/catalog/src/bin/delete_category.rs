//! Wires `DELETE /admin/categories/{id}`.

use api::Staff;
use catalog::handlers::delete_category::{Deps, handle};
use catalog::store::Catalog;
use kernel::fresh;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        catalog: Catalog::from_env().await?,
        staff: Staff::from_env().await?,
        now: fresh::now,
        new_id: fresh::ulid,
    };
    api::serve(deps, handle).await
}
