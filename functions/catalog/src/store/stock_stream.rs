//! Changes of variants' rows as the table's stream has them.

use aws_lambda_events::dynamodb::EventRecord;
use dynamo::{Change, Row, StoreError, Table, WriteError, WriteSet};
use events::{Envelope, StockLow};
use kernel::Timestamp;

use crate::domain::Offer;
use crate::handlers::on_stock_change::{AnnounceLow, Record, StockChange};
use crate::store::Catalog;

const CONSUMER: &str = "catalog-on-stock-change";

/// What the stream's record says. The mapping's filter passes changes of such rows and nothing else.
#[must_use]
pub fn read_record(record: EventRecord) -> Record {
    // Kept for the case that it cannot be read: rows of stock say nothing about people.
    let text = format!("{record:?}");
    let EventRecord { event_id: id, change, .. } = record;
    let at = Timestamp::from_epoch_millis(change.approximate_creation_date_time.timestamp_millis());
    match (decode(change.old_image), decode(change.new_image)) {
        (Ok(before), Ok(after)) => Record::Change(Box::new(StockChange { id, at, before, after })),
        (Err(cause), _) | (_, Err(cause)) => Record::Unreadable { text, cause: cause.to_string() },
    }
}

fn decode(image: impl Into<dynamo::Item>) -> Result<Row<Offer>, StoreError> {
    Table::decode(image.into())
}

impl AnnounceLow for Catalog {
    async fn announce_low(&self, event: &Envelope<StockLow>) -> Result<(), StoreError> {
        let set = WriteSet::new()
            .with(queue::seen(&self.table, CONSUMER, event.id, event.time), ())
            .with(Change::announce(&self.table, event), ());
        match set.commit().await {
            Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::dynamodb::Event;
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures;
    use crate::store::keys;

    /// A row as streams write it.
    fn image(available: i64) -> Value {
        let offer = Offer { available, on_hand: available, ..fixtures::tea().1.remove(0) };
        let row = Row::new(keys::stock(&offer.sku), offer);
        let item: serde_dynamo::Item = serde_dynamo::to_item(row).unwrap();
        serde_json::to_value(item).unwrap()
    }

    fn brought(old: &Value, new: &Value) -> Record {
        let event = json!({ "Records": [{
            "eventID": "c4ca4238a0b923820dcc509a6f75849b", "eventName": "MODIFY", "awsRegion": "eu-central-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_795_410_000, "Keys": {}, "OldImage": old, "NewImage": new,
                "SequenceNumber": "1", "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        }] });
        let mut event: Event = serde_json::from_value(event).unwrap();
        read_record(event.records.remove(0))
    }

    #[test]
    fn a_change_is_read_with_what_was_before() {
        let Record::Change(change) = brought(&image(3), &image(0)) else { panic!("not a change") };
        let StockChange { id, at, before, after } = *change;
        assert_eq!((id.as_str(), at), ("c4ca4238a0b923820dcc509a6f75849b", fixtures::now()));
        assert_eq!((before.body.available, after.body.available), (3, 0));
    }

    #[test]
    fn a_row_that_cannot_be_read_is_kept_as_it_came() {
        let mut broken = image(0);
        broken["available"] = json!({ "S": "many" });
        let Record::Unreadable { text, .. } = brought(&image(3), &broken) else { panic!("not unreadable") };
        assert!(text.contains("many") && text.contains("TEA-100"));
    }
}
