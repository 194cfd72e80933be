use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use kernel::UserId;

use crate::change::key_item;
use crate::error::StoreError;
use crate::expression::Placeholders;
use crate::row::{Entity, Key, Row, about};
use crate::table::{Item, Table};
use crate::usage::note_read;

/// Items asked for in one `BatchGetItem`.
const MAX_BATCH: usize = 100;
/// Rounds for keys that DynamoDB left unprocessed.
const BATCH_ROUNDS: u32 = 4;

/// Reads an item as the row it is.
pub(crate) fn decode<T: Entity>(item: Item) -> Result<Row<T>, StoreError> {
    let Key { pk, sk } = key_of(&item);
    serde_dynamo::from_item(item).map_err(|source| StoreError::Undecodable { pk, sk, source })
}

/// A walk through one partition.
#[derive(Debug, Clone)]
pub struct Query {
    partition: String,
    bound: Option<Bound>,
    indexed: bool,
    descending: bool,
    consistent: bool,
    limit: i32,
    after: Option<Item>,
}

/// Which part of a partition is walked through; DynamoDB takes one condition on the sort key.
#[derive(Debug, Clone)]
enum Bound {
    Prefix(String),
    UpTo(String),
    Between(String, String),
}

/// One page of rows, and where the next one starts.
#[derive(Debug)]
pub struct Page<T> {
    pub rows: Vec<Row<T>>,
    /// Attributes of the last row that tell DynamoDB where to go on; none on the last page.
    pub next: Option<HashMap<String, String>>,
}

impl Query {
    /// All rows with this `pk`, in the order of `sk`.
    #[must_use]
    pub fn partition(pk: impl Into<String>) -> Self {
        Self {
            partition: pk.into(),
            bound: None,
            indexed: false,
            descending: false,
            consistent: false,
            limit: 100,
            after: None,
        }
    }

    /// All rows with this `gsi1pk`, in the order of `gsi1sk`.
    #[must_use]
    pub fn index(gsi1pk: impl Into<String>) -> Self {
        Self { indexed: true, ..Self::partition(gsi1pk) }
    }

    /// All rows that are listed as being about `user` ([`Row::about`]).
    #[must_use]
    pub fn about(user: &UserId) -> Self {
        Self::index(about(user))
    }

    /// Only rows whose sort key starts with `prefix`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.bound = Some(Bound::Prefix(prefix.into()));
        self
    }

    /// Only rows whose sort key is `last` or comes before it. Takes the place of a prefix.
    #[must_use]
    pub fn up_to(mut self, last: impl Into<String>) -> Self {
        self.bound = Some(Bound::UpTo(last.into()));
        self
    }

    /// Only rows whose sort key is `first`, `last`, or between them. Takes the place of a prefix.
    #[must_use]
    pub fn between(mut self, first: impl Into<String>, last: impl Into<String>) -> Self {
        self.bound = Some(Bound::Between(first.into(), last.into()));
        self
    }

    #[must_use]
    pub fn descending(mut self) -> Self {
        self.descending = true;
        self
    }

    /// Sees every write acknowledged before. Not for the index.
    #[must_use]
    pub fn consistent(mut self) -> Self {
        self.consistent = true;
        self
    }

    /// At most so many rows a page.
    #[must_use]
    pub fn limit(mut self, limit: u16) -> Self {
        self.limit = i32::from(limit);
        self
    }

    /// Goes on where a page ended ([`Page::next`]).
    #[must_use]
    pub fn after(mut self, position: Option<HashMap<String, String>>) -> Self {
        self.after =
            position.map(|keys| keys.into_iter().map(|(name, value)| (name, AttributeValue::S(value))).collect());
        self
    }

    fn condition(&self, placeholders: &mut Placeholders) -> String {
        let (pk, sk) = if self.indexed { ("gsi1pk", "gsi1sk") } else { ("pk", "sk") };
        let mut operands = |name: &str, value: &str| {
            (placeholders.path(&name.into()), placeholders.value(AttributeValue::S(value.to_owned())))
        };
        let (name, value) = operands(pk, &self.partition);
        let partition = format!("{name} = {value}");
        match &self.bound {
            None => partition,
            Some(Bound::Prefix(prefix)) => {
                let (name, value) = operands(sk, prefix);
                format!("{partition} AND begins_with({name}, {value})")
            }
            Some(Bound::UpTo(last)) => {
                let (name, value) = operands(sk, last);
                format!("{partition} AND {name} <= {value}")
            }
            Some(Bound::Between(first, last)) => {
                let (name, first) = operands(sk, first);
                let (_, last) = operands(sk, last);
                format!("{partition} AND {name} BETWEEN {first} AND {last}")
            }
        }
    }
}

impl Table {
    /// The row at `key`, as of every write acknowledged before.
    ///
    /// # Errors
    /// [`StoreError`]; a row that does not decode is an error, not an absence.
    pub async fn get<T: Entity>(&self, key: Key) -> Result<Option<Row<T>>, StoreError> {
        let answer = self
            .client()
            .get_item()
            .table_name(self.name())
            .set_key(Some(key_item(key)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        note_read(answer.consumed_capacity());
        answer.item.map(decode).transpose()
    }

    /// One page of a partition's rows, all of one type.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn query<T: Entity>(&self, query: Query) -> Result<Page<T>, StoreError> {
        let (items, next) = self.query_items(query).await?;
        let rows = items.into_iter().map(decode).collect::<Result<_, _>>()?;
        Ok(Page { rows, next })
    }

    /// One page of a partition's items of any type, for partitions that mix them; read each with [`Table::decode`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn query_items(&self, query: Query) -> Result<(Vec<Item>, Option<HashMap<String, String>>), StoreError> {
        let mut placeholders = Placeholders::default();
        let condition = query.condition(&mut placeholders);
        let answer = self
            .client()
            .query()
            .table_name(self.name())
            .set_index_name(query.indexed.then(|| "gsi1".to_owned()))
            .key_condition_expression(condition)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .scan_index_forward(!query.descending)
            .consistent_read(query.consistent)
            .limit(query.limit)
            .set_exclusive_start_key(query.after)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        note_read(answer.consumed_capacity());
        let next = answer.last_evaluated_key.map(|key| {
            key.into_iter().filter_map(|(name, value)| value.as_s().ok().cloned().map(|value| (name, value))).collect()
        });
        Ok((answer.items.unwrap_or_default(), next))
    }

    /// All of a partition's items of any type, page after page.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_items(&self, query: Query) -> Result<Vec<Item>, StoreError> {
        let (mut items, mut after) = (Vec::new(), None);
        loop {
            let (page, next) = self.query_items(query.clone().after(after)).await?;
            items.extend(page);
            after = next;
            if after.is_none() {
                return Ok(items);
            }
        }
    }

    /// Where an item of any type lives.
    #[must_use]
    pub fn key_of(item: &Item) -> Key {
        key_of(item)
    }

    /// What an item is: its `type`.
    #[must_use]
    pub fn type_of(item: &Item) -> &str {
        item.get("type").and_then(|value| value.as_s().ok()).map_or("", String::as_str)
    }

    /// Reads an item of this table as a row of type `T`.
    ///
    /// # Errors
    /// [`StoreError::Undecodable`].
    pub fn decode<T: Entity>(item: Item) -> Result<Row<T>, StoreError> {
        decode(item)
    }
}

/// What [`batch_get`] found: items by table and key.
#[derive(Debug, Default)]
pub struct BatchGet {
    items: HashMap<(String, Key), Item>,
}

impl BatchGet {
    /// The row at `key` of `table`, if it was there.
    ///
    /// # Errors
    /// [`StoreError::Undecodable`].
    pub fn take<T: Entity>(&mut self, table: &Table, key: &Key) -> Result<Option<Row<T>>, StoreError> {
        self.items.remove(&(table.name().to_owned(), key.clone())).map(decode).transpose()
    }
}

/// Reads up to a hundred items of several tables in one call, strongly consistent. Keys that are not there are left out.
///
/// # Errors
/// [`StoreError::Busy`] when DynamoDB kept leaving keys unread, otherwise [`StoreError`].
///
/// # Panics
/// With more than a hundred keys: the caller bounds its input.
pub async fn batch_get(keys: impl IntoIterator<Item = (&Table, Key)>) -> Result<BatchGet, StoreError> {
    let mut wanted: HashMap<String, Vec<Item>> = HashMap::new();
    let mut first = None;
    for (table, key) in keys {
        first.get_or_insert(table);
        let keys = wanted.entry(table.name().to_owned()).or_default();
        let key = key_item(key);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let Some(table) = first else { return Ok(BatchGet::default()) };
    assert!(wanted.values().map(Vec::len).sum::<usize>() <= MAX_BATCH, "one call reads at most {MAX_BATCH} items");

    let mut request: HashMap<String, KeysAndAttributes> = wanted
        .into_iter()
        .map(|(table, keys)| {
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            (table, keys.expect("keys are set"))
        })
        .collect();
    let mut found = BatchGet::default();
    for round in 0..BATCH_ROUNDS {
        if round > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(50 << round)).await;
        }
        let answer = table
            .client()
            .batch_get_item()
            .set_request_items(Some(request))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        note_read(answer.consumed_capacity());
        for (table, items) in answer.responses.unwrap_or_default() {
            for item in items {
                let key = key_of(&item);
                found.items.insert((table.clone(), key), item);
            }
        }
        request = answer.unprocessed_keys.unwrap_or_default();
        if request.is_empty() {
            return Ok(found);
        }
    }
    Err(StoreError::Busy("some keys stayed unread".into()))
}

fn key_of(item: &Item) -> Key {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    Key { pk: text("pk"), sk: text("sk") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_takes_the_whole_partition_or_a_part_of_it() {
        for (query, expected) in [
            (Query::partition("P"), "#n0 = :v0"),
            (Query::partition("P").prefix("A#"), "#n0 = :v0 AND begins_with(#n1, :v1)"),
            (Query::index("P").up_to("2026"), "#n0 = :v0 AND #n1 <= :v1"),
            (Query::partition("P").between("1", "5"), "#n0 = :v0 AND #n1 BETWEEN :v1 AND :v2"),
        ] {
            let mut placeholders = Placeholders::default();
            assert_eq!(query.condition(&mut placeholders), expected);
            let sort_key = if query.indexed { "gsi1sk" } else { "sk" };
            let names = placeholders.names().expect("names");
            assert_eq!(names.get("#n1").map(String::as_str), query.bound.is_some().then_some(sort_key));
        }
    }
}
