//! Wires `GET /services`.

use platform::handlers::list_services::{Deps, handle};
use platform::queues::Queues;
use platform::registry::Registry;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    api::serve(Deps { registry: Registry::from_env().await?, queues: Queues::connect().await }, handle).await
}
