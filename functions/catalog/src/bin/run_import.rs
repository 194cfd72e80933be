//! Wires the queue of imports.

use catalog::handlers::run_import::{Deps, Limits, handle};
use catalog::store::{Catalog, FileQueue};
use catalog::uploads::UploadBucket;
use kernel::fresh;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Deps {
        catalog: Catalog::from_env().await?,
        uploads: UploadBucket::from_env().await?,
        rest: FileQueue::from_env("IMPORT_QUEUE_URL").await?,
        currency: aws::env::parsed("SHOP_CURRENCY")?,
        zone: aws::env::parsed("SHOP_TIME_ZONE")?,
        limits: Limits::default(),
        now: fresh::now,
        new_id: fresh::ulid,
    };
    queue::consume(deps, handle).await
}
