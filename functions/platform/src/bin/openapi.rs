//! Wires `GET /openapi.json`.

use platform::handlers::openapi::{Deps, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    telemetry::init();
    api::serve(Deps, handle).await
}
