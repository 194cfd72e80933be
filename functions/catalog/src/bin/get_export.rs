//! Wires `GET /admin/exports/{id}`.

use api::Staff;
use catalog::handlers::get_export::{Deps, handle};
use catalog::store::Catalog;
use catalog::uploads::UploadBucket;
use kernel::fresh;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        catalog: Catalog::from_env().await?,
        uploads: UploadBucket::from_env().await?,
        staff: Staff::from_env().await?,
        now: fresh::now,
    };
    api::serve(deps, handle).await
}
