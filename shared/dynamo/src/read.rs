use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use crate::change::key_item;
use crate::error::StoreError;
use crate::expression::Placeholders;
use crate::row::{Entity, Key, Row};
use crate::table::{Item, Table};

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
    prefix: Option<String>,
    indexed: bool,
    descending: bool,
    consistent: bool,
    limit: i32,
    after: Option<Item>,
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
            prefix: None,
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

    /// Only rows whose sort key starts with `prefix`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
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
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
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
        let (pk, sk) = if query.indexed { ("gsi1pk", "gsi1sk") } else { ("pk", "sk") };
        let mut placeholders = Placeholders::default();
        let name = placeholders.path(&pk.into());
        let value = placeholders.value(AttributeValue::S(query.partition));
        let mut condition = format!("{name} = {value}");
        if let Some(prefix) = query.prefix {
            let name = placeholders.path(&sk.into());
            let value = placeholders.value(AttributeValue::S(prefix));
            condition = format!("{condition} AND begins_with({name}, {value})");
        }
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
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        let next = answer.last_evaluated_key.map(|key| {
            key.into_iter().filter_map(|(name, value)| value.as_s().ok().cloned().map(|value| (name, value))).collect()
        });
        Ok((answer.items.unwrap_or_default(), next))
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
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
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
