use dynamo::{Change, Condition, Item, Key, Query, StoreError, Table, WriteError, WriteSet};
use kernel::UserId;

/// Removes a row; one that is gone already is as good.
///
/// # Errors
/// [`StoreError`].
pub async fn erase(table: &Table, key: Key) -> Result<(), StoreError> {
    match WriteSet::new().with(Change::delete(table, key, Condition::Exists), ()).commit().await {
        Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
        Err(WriteError::Store(error)) => Err(error),
    }
}

/// Removes every row that the table lists about `user` ([`dynamo::Row::about`]), and gives what was in them.
///
/// # Errors
/// [`StoreError`]; what is left is found by the next try.
pub async fn erase_listed(table: &Table, user: &UserId) -> Result<Vec<Item>, StoreError> {
    let items = table.all_items(Query::about(user)).await?;
    for item in &items {
        erase(table, Table::key_of(item)).await?;
    }
    Ok(items)
}
