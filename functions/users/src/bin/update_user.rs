//! Wires `PATCH /admin/users/{id}`.

use api::Staff;
use users::cognito::Pool;
use users::handlers::update_user::{Deps, handle};
use users::store::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Deps {
        staff: Staff::from_env().await?,
        users: Users::from_env().await?,
        cognito: Pool::from_env().await?,
        now: kernel::fresh::now,
        new_id: kernel::fresh::ulid,
    };
    api::serve(deps, handle).await
}
