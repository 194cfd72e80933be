//! Wires `UserUpdated.v1`.

use catalog::handlers::on_user_updated::{Deps, handle};
use catalog::store::Catalog;
use events::{Envelope, UserUpdated};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    queue::consume::<Envelope<UserUpdated>, _, _, _, _>(Deps { catalog: Catalog::from_env().await? }, handle).await
}
