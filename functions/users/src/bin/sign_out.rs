//! Wires `DELETE /sessions`.

use api::Authenticator;
use users::cognito::SignedIn;
use users::handlers::sign_out::{Deps, handle};
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        auth: Authenticator::from_env()?,
        cognito: SignedIn::by_token().await,
        users: Users::from_env().await?,
        now: kernel::fresh::now,
    };
    api::serve(deps, handle).await
}
