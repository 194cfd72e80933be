//! Wires the reconciliation of orders with their money: every few minutes, and whenever an operator asks.

use lambda_runtime::{LambdaEvent, service_fn};
use payments::handlers::Clock;
use payments::handlers::reconcile::{Deps, Reconcile, handle};
use payments::store::Till;
use payments::stripe::Stripe;
use tracing::{Instrument as _, info};

/// Well before the function's time is over, so that the last order begun with can be finished.
const PATIENCE_SECONDS: i64 = 40;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init();
    let deps: &'static _ = Box::leak(Box::new(Deps {
        store: Till::from_env().await?,
        provider: Stripe::from_env().await?,
        clock: Clock { now: kernel::fresh::now, new_id: kernel::fresh::ulid },
        patience_seconds: PATIENCE_SECONDS,
    }));
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Reconcile>| {
        async move {
            let (report, usage) = dynamo::metered(handle(deps, event.payload)).await;
            let (report, dynamodb_calls) = (report?, usage.calls);
            let (mended, stuck) = (report.mended.len(), report.stuck.len());
            let (checked, open, finished) = (report.checked, report.open, report.finished);
            telemetry::count("payments", "OrdersStuck", u64::try_from(stuck).unwrap_or_default());
            info!(checked, mended, open, stuck, finished, dynamodb_calls, "reconciled");
            Ok::<_, lambda_runtime::Error>(report)
        }
        .instrument(telemetry::span())
    }))
    .await
}
