//! Wires `POST /me/email-changes`.

use api::Authenticator;
use users::cognito::SignedIn;
use users::handlers::change_email::{Deps, handle};
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
    };
    api::serve(deps, handle).await
}
