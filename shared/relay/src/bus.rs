use aws_sdk_eventbridge::error::ProvideErrorMetadata as _;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use dynamo::outbox::Outbox;
use dynamo::{Key, Row};
use tracing::{error, info, warn};

use crate::outbox::OutboxTable;

/// `PutEvents` takes ten entries.
const MAX_ENTRIES: usize = 10;
/// And so many bytes in all.
const MAX_BYTES: usize = 256 * 1024;
/// What the other parts of an entry may add to its detail.
const ENTRY_OVERHEAD: usize = 256;
/// Refusals that no further try will change.
const HOPELESS: [&str; 5] = [
    "InvalidArgument",
    "MalformedDetail",
    "NotAuthorizedForDetailTypeException",
    "NotAuthorizedForSourceException",
    "RedactionFailure",
];

/// The bus, and where an event goes that the bus will never take.
pub(crate) struct Bus {
    events: aws_sdk_eventbridge::Client,
    queue: aws_sdk_sqs::Client,
    bus: String,
    dead_letters: String,
}

impl Bus {
    pub(crate) async fn from_env() -> Result<Self, aws::env::SettingError> {
        let config = aws::config().await;
        Ok(Self {
            events: aws_sdk_eventbridge::Client::new(&config),
            queue: aws_sdk_sqs::Client::new(&config),
            bus: aws::env::required("EVENT_BUS")?,
            dead_letters: aws::env::required("DEAD_LETTER_QUEUE_URL")?,
        })
    }

    /// Sends the events of `rows` and deletes the rows that are done with. What could not be sent stays for the sweep.
    pub(crate) async fn send(&self, table: &OutboxTable, rows: Vec<Row<Outbox>>) {
        for batch in batches(rows) {
            if let Some(refused) = self.send_batch(table, batch).await {
                // Only one of them may be to blame.
                for row in refused {
                    if let Some(alone) = self.send_batch(table, vec![row]).await {
                        self.bury_rows(table, alone).await;
                    }
                }
            }
        }
    }

    /// Gives the batch back if the bus refused the call itself, which it would do again.
    async fn send_batch(&self, table: &OutboxTable, batch: Vec<Row<Outbox>>) -> Option<Vec<Row<Outbox>>> {
        let entries = batch.iter().map(|row| self.entry(&row.body)).collect();
        let answer = match self.events.put_events().set_entries(Some(entries)).send().await {
            Ok(answer) => answer,
            Err(cause) if cause.as_service_error().is_some_and(|error| error.code() == Some("ValidationException")) => {
                error!(count = batch.len(), cause = ?cause, "the bus refused the call");
                return Some(batch);
            }
            Err(cause) => {
                warn!(count = batch.len(), cause = ?cause, "the bus did not answer; the sweep will try again");
                return None;
            }
        };
        for (row, result) in batch.into_iter().zip(answer.entries()) {
            self.settle(table, row, result).await;
        }
        None
    }

    async fn bury_rows(&self, table: &OutboxTable, rows: Vec<Row<Outbox>>) {
        for row in rows {
            let event = &row.body;
            if self.bury(event.as_message(), &event.correlation_id).await {
                self.delete(table, row.key, &row.body.correlation_id).await;
            }
        }
    }

    /// Puts a row that is no event where somebody will look at it, and out of the sweep's way.
    pub(crate) async fn bury_unreadable(&self, table: &OutboxTable, key: Key, text: String) {
        error!(event_id = key.sk, "an outbox row cannot be read");
        if self.bury(text, "unreadable").await {
            self.delete(table, key, "unreadable").await;
        }
    }

    /// Deletes a row whose event is on the bus or in the dead-letter queue.
    async fn settle(&self, table: &OutboxTable, row: Row<Outbox>, result: &PutEventsResultEntry) {
        let (event_id, correlation_id) = (row.key.sk.clone(), row.body.correlation_id.clone());
        let detail_type = row.body.detail_type.clone();
        match result.error_code() {
            None => {
                let ((), usage) = dynamo::metered(self.delete(table, row.key, &correlation_id)).await;
                let (dynamodb_calls, write_capacity) = (usage.calls, usage.written.units());
                info!(correlation_id, event_id, detail_type, dynamodb_calls, write_capacity, "sent");
            }
            Some(code) if HOPELESS.contains(&code) => {
                error!(correlation_id, event_id, detail_type, code, "the bus will never take this event");
                self.bury_rows(table, vec![row]).await;
            }
            Some(code) => warn!(correlation_id, event_id, detail_type, code, "not sent; the sweep will try again"),
        }
    }

    async fn delete(&self, table: &OutboxTable, key: Key, correlation_id: &str) {
        let event_id = key.sk.clone();
        if let Err(cause) = table.delete(key).await {
            warn!(correlation_id, event_id, cause = %cause, "done with but not deleted; it will come again");
        }
    }

    /// Whether the dead-letter queue took `message`.
    async fn bury(&self, message: String, correlation_id: &str) -> bool {
        let sent = self.queue.send_message().queue_url(&self.dead_letters).message_body(message).send().await;
        if let Err(cause) = &sent {
            error!(correlation_id, cause = ?cause, "the dead-letter queue did not take the event");
        }
        sent.is_ok()
    }

    fn entry(&self, event: &Outbox) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(&event.source)
            .detail_type(&event.detail_type)
            .detail(&event.detail)
            .build()
    }
}

/// Rows in the order given, as many a batch as one call takes.
fn batches(rows: Vec<Row<Outbox>>) -> Vec<Vec<Row<Outbox>>> {
    let mut batches: Vec<Vec<Row<Outbox>>> = Vec::new();
    let mut bytes = 0;
    for row in rows {
        let size = row.body.detail.len() + ENTRY_OVERHEAD;
        match batches.last_mut() {
            Some(batch) if batch.len() < MAX_ENTRIES && bytes + size <= MAX_BYTES => {
                batch.push(row);
                bytes += size;
            }
            _ => {
                batches.push(vec![row]);
                bytes = size;
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use dynamo::Key;
    use kernel::Timestamp;

    use super::*;

    fn row(bytes: usize) -> Row<Outbox> {
        let body = Outbox {
            source: "souk.orders".into(),
            detail_type: "OrderPlaced.v1".into(),
            detail: "x".repeat(bytes),
            created_at: Timestamp::from_epoch_seconds(0),
            correlation_id: "c".into(),
        };
        Row::new(Key::new("OUTBOX#", "1"), body)
    }

    #[test]
    fn a_batch_keeps_to_ten_entries() {
        let sizes: Vec<usize> = batches((0..25).map(|_| row(10)).collect()).iter().map(Vec::len).collect();
        assert_eq!(sizes, [10, 10, 5]);
    }

    #[test]
    fn a_batch_keeps_to_the_bytes_one_call_takes() {
        let sizes: Vec<usize> = batches((0..3).map(|_| row(100 * 1024)).collect()).iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1]);
    }
}
