//! Wires `POST /admin/products/{id}/images`.

use api::Staff;
use catalog::handlers::add_image::{Deps, handle};
use catalog::media::Media;
use catalog::store::Catalog;
use kernel::fresh;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        catalog: Catalog::from_env().await?,
        staff: Staff::from_env().await?,
        media: Media::from_env()?,
        now: fresh::now,
        new_id: fresh::ulid,
    };
    api::serve(deps, handle).await
}
