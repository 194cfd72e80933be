//! Wires `OrderPlaced.v1`.

use events::{Envelope, OrderPlaced};
use orders::handlers::on_order_placed::{Deps, handle};
use orders::store::Orders;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    queue::consume::<Envelope<OrderPlaced>, _, _, _, _>(Deps { orders: Orders::from_env().await? }, handle).await
}
