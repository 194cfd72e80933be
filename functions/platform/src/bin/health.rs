//! Wires `GET /health`.

use platform::handlers::health::{Deps, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    api::serve(Deps, handle).await
}
