use aws_lambda_events::dynamodb::{Event, EventRecord};
use dynamo::Row;
use dynamo::outbox::Outbox;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use tracing::{Instrument, error};

use crate::bus::Bus;
use crate::outbox::OutboxTable;

/// The whole program of `<service>-relay`: sends the outbox rows that the table's stream brings.
///
/// It never fails a batch: a stream would stop for one bad row, and the sweep will see to whatever stays.
///
/// # Errors
/// Only when a setting is missing or the runtime itself fails.
pub async fn relay() -> Result<(), Error> {
    telemetry::init();
    let table: &'static OutboxTable = Box::leak(Box::new(OutboxTable::from_env().await?));
    let bus: &'static Bus = Box::leak(Box::new(Bus::from_env().await?));
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Event>| {
        async move {
            let rows = event.payload.records.into_iter().filter_map(inserted).collect();
            bus.send(table, rows).await;
            Ok::<_, Error>(())
        }
        .instrument(telemetry::span())
    }))
    .await
}

/// The outbox row that a stream record tells of. The stream's filter passes nothing else; what cannot be read is left to the sweep.
fn inserted(record: EventRecord) -> Option<Row<Outbox>> {
    let item: dynamo::Item = record.change.new_image.into();
    OutboxTable::decode(item).inspect_err(|cause| error!(cause = %cause, "unreadable outbox row")).ok()
}
