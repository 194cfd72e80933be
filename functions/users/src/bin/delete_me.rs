//! Wires `DELETE /me`.

use api::Authenticator;
use users::cognito::SignedIn;
use users::handlers::delete_me::{Deps, handle};
use users::handlers::tries::Gate;
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let users = Users::from_env().await?;
    let deps = Deps {
        auth: Authenticator::from_env()?,
        gate: Gate::from_env(users.clone())?,
        cognito: SignedIn::from_env().await?,
        users,
        now: kernel::fresh::now,
        new_id: kernel::fresh::ulid,
    };
    api::serve(deps, handle).await
}
