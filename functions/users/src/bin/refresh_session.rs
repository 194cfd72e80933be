//! Wires `POST /sessions/refreshes`.

use users::cognito::App;
use users::handlers::refresh_session::{Deps, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    api::serve(Deps { cognito: App::from_env().await? }, handle).await
}
