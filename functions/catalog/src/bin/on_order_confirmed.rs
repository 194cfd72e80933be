//! Wires the consumer of `OrderConfirmed`.

use catalog::handlers::on_order_confirmed::handle;
use catalog::handlers::settlement::Deps;
use catalog::store::Catalog;
use events::{Envelope, OrderConfirmed};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Deps { catalog: Catalog::from_env().await?, now: kernel::fresh::now };
    queue::consume::<Envelope<OrderConfirmed>, _, _, _, _>(deps, handle).await
}
