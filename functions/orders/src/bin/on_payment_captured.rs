//! Wires `PaymentCaptured.v1`.

use events::{Envelope, PaymentCaptured};
use orders::handlers::on_payment_captured::{Deps, handle};
use orders::store::Orders;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), queue::Error> {
    telemetry::init();
    let deps = Deps { orders: Orders::from_env().await?, now: kernel::fresh::now, new_id: kernel::fresh::ulid };
    queue::consume::<Envelope<PaymentCaptured>, _, _, _, _>(deps, handle).await
}
