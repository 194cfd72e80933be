//! Wires `UserUpdated.v1`.

use events::{Envelope, UserUpdated};
use orders::handlers::on_user_updated::{Deps, handle};
use orders::store::Orders;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    queue::consume::<Envelope<UserUpdated>, _, _, _, _>(Deps { orders: Orders::from_env().await? }, handle).await
}
