//! Wires the queue of those who may be due a code.

use users::cognito::{App, Pool};
use users::handlers::send_codes::{Deps, handle};
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Deps {
        pool: Pool::from_env().await?,
        cognito: App::from_env().await?,
        users: Users::from_env().await?,
        now: kernel::fresh::now,
        new_id: kernel::fresh::ulid,
    };
    queue::consume(deps, handle).await
}
