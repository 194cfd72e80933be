//! Wires `UserExportPartReady.v1`.

use privacy::ExportBucket;
use users::handlers::on_user_export_part_ready::{Deps, handle};
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Deps {
        users: Users::from_env().await?,
        bucket: ExportBucket::from_env().await?,
        now: kernel::fresh::now,
        new_id: kernel::fresh::ulid,
    };
    queue::consume(deps, handle).await
}
