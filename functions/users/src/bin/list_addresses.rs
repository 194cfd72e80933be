//! Wires `GET /me/addresses`.

use api::Authenticator;
use users::handlers::list_addresses::{Deps, handle};
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    api::serve(Deps { auth: Authenticator::from_env()?, users: Users::from_env().await? }, handle).await
}
