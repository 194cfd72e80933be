//! Wires `POST /me/exports`.

use api::Authenticator;
use users::handlers::request_export::{Deps, handle};
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        auth: Authenticator::from_env()?,
        users: Users::from_env().await?,
        now: kernel::fresh::now,
        new_id: kernel::fresh::ulid,
    };
    api::serve(deps, handle).await
}
