//! Wires the consumer of `OrderCancelled`.

use catalog::handlers::on_order_cancelled::handle;
use catalog::handlers::settlement::Deps;
use catalog::store::Catalog;
use events::{Envelope, OrderCancelled};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Deps { catalog: Catalog::from_env().await?, now: kernel::fresh::now };
    queue::consume::<Envelope<OrderCancelled>, _, _, _, _>(deps, handle).await
}
