//! Wires `POST /sessions/refreshes`.

use users::cognito::App;
use users::handlers::refresh_session::{Deps, handle};
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps { cognito: App::from_env().await?, users: Users::from_env().await? };
    api::serve(deps, handle).await
}
