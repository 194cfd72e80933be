//! Wires `POST /users/confirmations`.

use users::cognito::{App, Pool};
use users::handlers::confirm::{Deps, handle};
use users::handlers::tries::Gate;
use users::store::{CodesQueue, Users};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let users = Users::from_env().await?;
    let deps = Deps {
        gate: Gate::from_env(users.clone())?,
        cognito: App::from_env().await?,
        pool: Pool::from_env().await?,
        users,
        queue: CodesQueue::from_env().await?,
        now: kernel::fresh::now,
        new_id: kernel::fresh::ulid,
    };
    api::serve(deps, handle).await
}
