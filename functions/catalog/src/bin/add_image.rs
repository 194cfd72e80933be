//! Wires `POST /admin/products/{id}/images`.

use api::Staff;
use catalog::handlers::add_image::{Deps, handle};
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
        allows_svg: aws::env::parsed("ALLOW_SVG")?,
        now: fresh::now,
        new_id: fresh::ulid,
    };
    api::serve(deps, handle).await
}
