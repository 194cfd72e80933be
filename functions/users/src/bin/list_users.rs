//! Wires `GET /admin/users`.

use api::Staff;
use users::handlers::list_users::{Deps, handle};
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    api::serve(Deps { staff: Staff::from_env().await?, users: Users::from_env().await? }, handle).await
}
