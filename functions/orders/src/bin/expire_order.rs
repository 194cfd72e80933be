//! Wires the closing of unpaid orders.

use orders::handlers::expire_order::{Deps, Placed, handle};
use orders::store::{ExpiryQueue, Orders};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Deps {
        orders: Orders::from_env().await?,
        queue: ExpiryQueue::from_env().await?,
        now: kernel::fresh::now,
        new_id: kernel::fresh::ulid,
    };
    queue::consume::<Placed, _, _, _, _>(deps, handle).await
}
