use dynamo::outbox::Outbox;
use dynamo::{Change, Condition, Key, Query, Row, StoreError, Table, WriteError, WriteSet};

/// What a sweep found: rows to send, and rows that are none, with all they hold as text.
#[derive(Default)]
pub(crate) struct Waiting {
    pub(crate) rows: Vec<Row<Outbox>>,
    pub(crate) unreadable: Vec<(Key, String)>,
}

/// The outbox rows of a service's table.
pub(crate) struct OutboxTable(pub(crate) Table);

impl OutboxTable {
    pub(crate) async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self(Table::from_env("OUTBOX_TABLE").await?))
    }

    /// Removes a row whose event was sent; one that is gone already was sent by somebody else.
    pub(crate) async fn delete(&self, key: Key) -> Result<(), StoreError> {
        let gone = WriteSet::new().with(Change::delete(&self.0, key, Condition::Exists), ());
        match gone.commit().await {
            Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Adds all rows of a partition to `waiting`. One that cannot be read must not keep back those behind it.
    pub(crate) async fn read_partition(&self, partition: String, waiting: &mut Waiting) -> Result<(), StoreError> {
        let query = Query::partition(partition).consistent();
        let mut after = None;
        loop {
            let (items, next) = self.0.query_items(query.clone().after(after)).await?;
            for item in items {
                let text = format!("{item:?}");
                match Self::decode(item) {
                    Ok(row) => waiting.rows.push(row),
                    Err(StoreError::Undecodable { pk, sk, .. }) => waiting.unreadable.push((Key::new(pk, sk), text)),
                    Err(other) => return Err(other),
                }
            }
            if next.is_none() {
                return Ok(());
            }
            after = next;
        }
    }

    pub(crate) fn decode(item: dynamo::Item) -> Result<Row<Outbox>, StoreError> {
        Table::decode(item)
    }
}
