//! Wires the queue of SKUs that can be bought again.

use catalog::handlers::send_stock_alerts::{Deps, handle};
use catalog::store::{AlertQueue, Alerts};
use kernel::fresh;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Deps {
        alerts: Alerts::from_env().await?,
        queue: AlertQueue::from_env().await?,
        now: fresh::now,
        new_id: fresh::ulid,
    };
    queue::consume(deps, handle).await
}
