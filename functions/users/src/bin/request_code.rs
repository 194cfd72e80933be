//! Wires `POST /users/confirmation-codes`.

use users::handlers::codes::Asked;
use users::handlers::request_code::handle;
use users::handlers::tries::Gate;
use users::store::{CodesQueue, Users};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    let deps = Asked {
        gate: Gate::from_env(Users::from_env().await?)?,
        queue: CodesQueue::from_env().await?,
        new_id: kernel::fresh::ulid,
    };
    api::serve(deps, handle).await
}
