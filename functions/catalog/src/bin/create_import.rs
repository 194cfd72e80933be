//! Wires `POST /admin/imports`.

use api::Staff;
use catalog::handlers::create_import::{Deps, handle};
use catalog::store::Catalog;
use catalog::uploads::UploadForms;
use kernel::fresh;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        catalog: Catalog::from_env().await?,
        staff: Staff::from_env().await?,
        forms: UploadForms::from_env()?,
        now: fresh::now,
        new_id: fresh::ulid,
    };
    api::serve(deps, handle).await
}
