//! Wires the queue of pictures that came.

use catalog::handlers::on_image_uploaded::{Deps, handle};
use catalog::media::Media;
use catalog::store::Catalog;
use catalog::uploads::UploadBucket;
use kernel::fresh;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Deps {
        catalog: Catalog::from_env().await?,
        uploads: UploadBucket::from_env().await?,
        media: Media::from_env()?,
        zone: aws::env::parsed("SHOP_TIME_ZONE")?,
        now: fresh::now,
        new_id: fresh::ulid,
    };
    queue::consume(deps, handle).await
}
