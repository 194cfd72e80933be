use kernel::UserId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What happens to a row when the person it is about asks to be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    /// Says nothing about a person.
    None,
    /// Goes with the person.
    Erase,
    /// Stays without what identifies the person.
    Anonymise,
    /// Stays as it is, for the reason given (the law, usually).
    Keep(&'static str),
}

/// A kind of row: the body of an item in a service's table.
pub trait Entity: Serialize + DeserializeOwned {
    /// The item's `type`.
    const TYPE: &'static str;
    /// Written as `schema`; readers accept this one and the one before.
    const SCHEMA: u32 = 1;
    const PERSONAL: Personal;
}

/// Where an item lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    #[must_use]
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// An item: where it lives, what it is, and its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row<T> {
    #[serde(flatten)]
    pub key: Key,
    /// Place in the secondary index, for rows that are also found another way.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub index: Option<Index>,
    pub r#type: String,
    pub schema: u32,
    /// Counts the writes; the condition of the next one.
    pub version: u64,
    /// Seconds since the epoch after which DynamoDB may remove the row. Housekeeping only: logic compares expiries itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<i64>,
    #[serde(flatten)]
    pub body: T,
}

/// The partition of the index that lists what is kept about `user`.
pub(crate) fn about(user: &UserId) -> String {
    format!("PERSON#{user}")
}

/// A place in the sparse index `gsi1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    pub gsi1pk: String,
    pub gsi1sk: String,
}

impl<T: Entity> Row<T> {
    /// The first version of a row.
    #[must_use]
    pub fn new(key: Key, body: T) -> Self {
        Self { key, index: None, r#type: T::TYPE.to_owned(), schema: T::SCHEMA, version: 1, ttl: None, body }
    }

    /// Also found under `gsi1pk`, ordered by `gsi1sk`.
    #[must_use]
    pub fn indexed(mut self, gsi1pk: impl Into<String>, gsi1sk: impl Into<String>) -> Self {
        self.index = Some(Index { gsi1pk: gsi1pk.into(), gsi1sk: gsi1sk.into() });
        self
    }

    /// Listed among what is kept about `user`, so that it is found when they ask for it or want it gone.
    #[must_use]
    pub fn about(self, user: &UserId) -> Self {
        let place = format!("{} {}", self.key.pk, self.key.sk);
        self.indexed(about(user), place)
    }

    /// May be removed after `epoch_seconds`.
    #[must_use]
    pub fn expiring(mut self, epoch_seconds: i64) -> Self {
        self.ttl = Some(epoch_seconds);
        self
    }
}
