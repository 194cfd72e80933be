use dynamo::{Change, Entity, Key, Personal, Row, Table};
use kernel::{Timestamp, Ulid};
use serde::{Deserialize, Serialize};

use crate::{Request, User};

/// Who of the staff changed what: one row beside each admin mutation, in the same transaction, never changed afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    pub at: Timestamp,
    /// The staff member's user id.
    pub actor: String,
    /// What was done: `create_product`.
    pub action: String,
    /// The id of what it was done to.
    pub subject: String,
    /// Names of the fields that were set; values of people are never written here.
    pub fields: Vec<String>,
    pub correlation_id: String,
}

impl Entity for AuditEntry {
    const TYPE: &'static str = "audit";
    const PERSONAL: Personal = Personal::Keep("who changed the shop's data must stay known; an actor is a bare id");
}

impl AuditEntry {
    #[must_use]
    pub fn new(
        request: &Request,
        actor: &User,
        at: Timestamp,
        action: &str,
        subject: impl ToString,
        fields: &[&str],
    ) -> Self {
        Self {
            at,
            actor: actor.id.to_string(),
            action: action.to_owned(),
            subject: subject.to_string(),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            correlation_id: request.trace().correlation_id.clone(),
        }
    }

    /// The entry as part of the transaction that it tells of.
    #[must_use]
    pub fn record(&self, table: &Table, id: Ulid) -> Change {
        let key = Key::new(format!("AUDIT#{}", self.subject), format!("{}#{id}", self.at));
        Change::create(table, &Row::new(key, self.clone()))
    }
}
