//! Wires the consumer of the stream's changes of variants' rows.

use aws_lambda_events::dynamodb::Event;
use catalog::handlers::on_stock_change::{Deps, handle};
use catalog::store::{AlertQueue, Catalog, DeadLetters, ListQueue, read_record};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use tracing::{Instrument as _, info};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let deps: &'static Deps<Catalog, ListQueue, AlertQueue, DeadLetters> = Box::leak(Box::new(Deps {
        catalog: Catalog::from_env().await?,
        lists: ListQueue::from_env().await?,
        alerts: AlertQueue::from_env().await?,
        dead_letters: DeadLetters::from_env().await?,
        now: kernel::fresh::now,
    }));
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Event>| {
        async move {
            let records: Vec<_> = event.payload.records.into_iter().map(read_record).collect();
            let count = records.len();
            let (outcome, usage) = dynamo::metered(handle(deps, records)).await;
            let dynamodb_calls = usage.calls;
            let (read_capacity, write_capacity) = (usage.read.units(), usage.written.units());
            info!(records = count, dynamodb_calls, read_capacity, write_capacity, "followed the stream");
            outcome.map_err(Error::from)
        }
        .instrument(telemetry::span())
    }))
    .await
}
