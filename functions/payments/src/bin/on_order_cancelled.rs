//! Wires `OrderCancelled.v1`.

use payments::handlers::Clock;
use payments::handlers::on_order_cancelled::{Deps, handle};
use payments::store::Payments;
use payments::stripe::Stripe;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Deps {
        store: Payments::from_env().await?,
        provider: Stripe::from_env().await?,
        clock: Clock { now: kernel::fresh::now, new_id: kernel::fresh::ulid },
    };
    queue::consume(deps, handle).await
}
