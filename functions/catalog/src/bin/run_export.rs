//! Wires the consumer of `ExportRequested`.

use catalog::domain::PART_BYTES;
use catalog::handlers::run_export::{Deps, handle};
use catalog::store::{Catalog, FileQueue};
use catalog::uploads::UploadBucket;
use kernel::fresh;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Deps {
        catalog: Catalog::from_env().await?,
        uploads: UploadBucket::from_env().await?,
        part_bytes: PART_BYTES,
        rest: FileQueue::from_env("EXPORT_QUEUE_URL").await?,
        now: fresh::now,
    };
    queue::consume(deps, handle).await
}
