//! Wires `UserDeleted.v1`.

use orders::handlers::on_user_deleted::Departures;
use orders::store::Orders;
use privacy::{Forgetting, Leaver, forget};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let orders = Orders::from_env().await?;
    let departures = Departures { orders, now: kernel::fresh::now, new_id: kernel::fresh::ulid };
    queue::consume::<Leaver, _, _, _, _>(Forgetting::from_env(departures).await?, forget).await
}
