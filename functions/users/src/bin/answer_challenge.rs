//! Wires `POST /sessions/challenges`.

use users::cognito::App;
use users::handlers::answer_challenge::{Deps, handle};
use users::handlers::tries::Gate;
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let users = Users::from_env().await?;
    let deps = Deps {
        gate: Gate::from_env(users.clone())?,
        cognito: App::from_env().await?,
        users,
        now: kernel::fresh::now,
        new_id: kernel::fresh::ulid,
    };
    api::serve(deps, handle).await
}
