//! Wires `POST /users/confirmations`.

use users::cognito::{App, Pool};
use users::handlers::confirm::{Deps, handle};
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        cognito: App::from_env().await?,
        pool: Pool::from_env().await?,
        users: Users::from_env().await?,
        now: kernel::fresh::now,
        new_id: kernel::fresh::ulid,
    };
    api::serve(deps, handle).await
}
