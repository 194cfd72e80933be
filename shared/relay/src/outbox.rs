use dynamo::outbox::Outbox;
use dynamo::{Change, Condition, Key, Page, Query, Row, StoreError, Table, WriteError, WriteSet};

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

    pub(crate) async fn page(&self, query: Query) -> Result<Page<Outbox>, StoreError> {
        self.0.query(query).await
    }

    pub(crate) fn decode(item: dynamo::Item) -> Result<Row<Outbox>, StoreError> {
        Table::decode(item)
    }
}
