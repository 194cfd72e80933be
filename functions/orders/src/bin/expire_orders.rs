//! Wires the sweep that closes unpaid orders.

use kernel::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use orders::handlers::expire_orders::{Deps, handle};
use orders::store::Orders;
use serde::de::IgnoredAny;
use tracing::{Instrument as _, info};

/// Left for the order in hand when the deadline comes near.
const SPARE_SECONDS: i64 = 5;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let orders = Orders::from_env().await?;
    let deps: &'static Deps<Orders> =
        Box::leak(Box::new(Deps { orders, now: kernel::fresh::now, new_id: kernel::fresh::ulid }));
    lambda_runtime::run(service_fn(move |event: LambdaEvent<IgnoredAny>| {
        async move {
            let deadline = i64::try_from(event.context.deadline).unwrap_or(i64::MAX);
            let until = Timestamp::from_epoch_millis(deadline).plus_seconds(-SPARE_SECONDS);
            let (swept, usage) = dynamo::metered(handle(deps, until)).await;
            let (swept, dynamodb_calls) = (swept?, usage.calls);
            info!(
                expired = swept.expired,
                still_open = swept.still_open,
                stale = swept.stale,
                failed = swept.failed,
                unfinished = swept.unfinished,
                dynamodb_calls,
                "swept the orders that are due"
            );
            Ok::<_, Error>(swept)
        }
        .instrument(telemetry::span())
    }))
    .await
}
