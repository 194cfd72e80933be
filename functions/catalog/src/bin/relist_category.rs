//! Wires the consumer of `CategoryChanged`.

use catalog::handlers::relist_category::{Deps, handle};
use catalog::store::{Catalog, ListQueue, RelistQueue};
use kernel::fresh;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Deps {
        catalog: Catalog::from_env().await?,
        lists: ListQueue::from_env().await?,
        rest: RelistQueue::from_env().await?,
        now: fresh::now,
        new_id: fresh::ulid,
    };
    queue::consume(deps, handle).await
}
