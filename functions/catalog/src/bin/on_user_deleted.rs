//! Wires `UserDeleted.v1`.

use catalog::store::Catalog;
use privacy::{Forgetting, Leaver, forget};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Forgetting::from_env(Catalog::from_env().await?).await?;
    queue::consume::<Leaver, _, _, _, _>(deps, forget).await
}
