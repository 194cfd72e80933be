//! Wires `GET /admin/users/{id}`.

use api::Staff;
use users::handlers::get_user::{Deps, handle};
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    api::serve(Deps { staff: Staff::from_env().await?, users: Users::from_env().await? }, handle).await
}
