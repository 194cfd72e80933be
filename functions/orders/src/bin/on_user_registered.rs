//! Wires `UserRegistered.v1`.

use events::{Envelope, UserRegistered};
use orders::handlers::on_user_registered::{Deps, handle};
use orders::store::Orders;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    queue::consume::<Envelope<UserRegistered>, _, _, _, _>(Deps { orders: Orders::from_env().await? }, handle).await
}
