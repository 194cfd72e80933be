//! Wires `GET /me/exports/{id}`.

use api::Authenticator;
use privacy::ExportBucket;
use users::handlers::get_export::{Deps, handle};
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        auth: Authenticator::from_env()?,
        users: Users::from_env().await?,
        bucket: ExportBucket::from_env().await?,
        now: kernel::fresh::now,
    };
    api::serve(deps, handle).await
}
