//! DynamoDB as Souk uses it: one table a service, typed rows, a condition on every write.
//!
//! * [`Table`] reads: [`Table::get`], [`Table::query`], [`batch_get`] over several tables in one call.
//! * [`Change`] is one conditional write; [`WriteSet`] commits several of them as one transaction and says which was refused.
//! * [`Change::announce`] puts an event into the same transaction ([`outbox`]).
//! * [`Row`] is what a table holds: keys, type, schema, version and the body.
//! * [`metered`] tells what a piece of work cost: its calls, and the capacity they consumed.
//!
//! Refusals are answers: a condition that does not hold comes back as the caller's own value ([`WriteError::Refused`]), never as an
//! error of the store. Conflicts and throttling are retried here and end as [`StoreError::Busy`], which is never taken for a refusal.

mod change;
mod condition;
mod error;
mod expression;
pub mod outbox;
mod read;
mod retry;
mod row;
mod table;
mod usage;
mod write;

pub use aws_sdk_dynamodb::types::AttributeValue;
pub use change::Change;
pub use condition::Condition;
pub use error::{StoreError, WriteError};
pub use expression::Path;
pub use read::{BatchGet, Page, Query, batch_get};
pub use row::{Entity, Key, Personal, Row};
pub use table::{Item, Table};
pub use usage::{Capacity, Usage, metered};
pub use write::WriteSet;

/// `value` as DynamoDB stores it.
///
/// # Panics
/// Never for the types Souk stores: strings, integers, booleans, lists, maps with string keys.
#[must_use]
pub fn value<T: serde::Serialize>(value: T) -> AttributeValue {
    serde_dynamo::to_attribute_value(value).expect("plain data always has an attribute value")
}
