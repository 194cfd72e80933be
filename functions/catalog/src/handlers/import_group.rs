//! The rows of one product: written as far as they want something else than what is there.
//!
//! To do them again changes nothing and counts the same: a row that finds everything as it wants it counts as what its mark says, which was
//! written with what it changed, or else as unchanged; a counted stock has its line in the ledger under a key of its own.

use std::collections::BTreeSet;

use api::AuditEntry;
use dynamo::{StoreError, WriteError};
use kernel::{EventId, Sku, Timestamp, Ulid};

use crate::domain::import::{Import, RefusedRow, RowResult};
use crate::domain::import_plan::{Count, Importing, Plan, PlannedRow};
use crate::domain::sheet_rows::Group;
use crate::domain::{Edit, LedgerEntry, Reason, Stored};
use crate::handlers::edits::{LoadStored, NotSaved, SaveEdit, Saving};
use crate::handlers::get_product_by_slug::FindSlug;

/// Tries when others change the same product or its stock at the same time.
const TRIES: u32 = 8;
/// Stocks of one transaction, each with its line in the ledger.
const COUNTS: usize = 45;

/// A stock that was counted, to be written with its line in the ledger.
#[derive(Debug, Clone)]
pub struct Counting {
    pub entry: LedgerEntry,
    /// Of the line in the ledger: the time of its key, and its id.
    pub line: (Timestamp, Ulid),
    /// The units that the difference was reckoned from.
    pub on_hand: i64,
    pub mark: String,
}

/// Why counts were not written: none of them was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotCounted {
    /// Its line is in the ledger: it was written before.
    Already(Sku),
    /// The stock is another by now.
    Changed,
}

pub trait SaveCounts {
    async fn save_counts(&self, counts: &[Counting]) -> Result<(), WriteError<NotCounted>>;
}

/// Who writes, for which import.
pub struct Writing<'a, S> {
    pub catalog: &'a S,
    pub importing: Importing<'a>,
    pub import: &'a Import,
    pub new_id: fn() -> Ulid,
}

/// What became of the rows.
#[derive(Debug)]
pub struct Done {
    pub results: Vec<RowResult>,
    pub refused: Vec<RefusedRow>,
}

/// Why the rows are to be done again.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the product in line {0} changes all the time")]
    Busy(u32),
}

/// # Errors
/// [`NotDone`].
pub async fn do_group<S>(writing: &Writing<'_, S>, group: &Group) -> Result<Done, NotDone>
where
    S: FindSlug + LoadStored + SaveEdit + SaveCounts,
{
    let mut taken = BTreeSet::new();
    for _ in 0..TRIES {
        let stored = stored(writing, group).await?;
        let plan = writing.importing.plan(group, stored.as_ref(), &taken);
        if let Some(edit) = &plan.edit {
            match save(writing, edit).await {
                Ok(()) => {}
                Err(WriteError::Store(error)) => return Err(error.into()),
                Err(WriteError::Refused(reasons)) => {
                    taken.extend(reasons.into_iter().filter_map(|reason| match reason {
                        NotSaved::SkuTaken(sku) => Some(sku),
                        _ => None,
                    }));
                    continue;
                }
            }
        }
        match count(writing, &plan.rows).await {
            Ok(()) => return Ok(done(plan)),
            Err(WriteError::Store(error)) => return Err(error.into()),
            Err(WriteError::Refused(_)) => {}
        }
    }
    Err(NotDone::Busy(group.rows[0].place.line))
}

fn done(plan: Plan) -> Done {
    Done { results: plan.rows.into_iter().map(|row| row.result).collect(), refused: plan.refused }
}

/// The product that the rows name, if there is one.
async fn stored<S: FindSlug + LoadStored>(
    writing: &Writing<'_, S>,
    group: &Group,
) -> Result<Option<Stored>, StoreError> {
    let Some(slug) = writing.importing.slug(group) else { return Ok(None) };
    match writing.catalog.find_slug(&slug).await? {
        Some(id) => writing.catalog.load_stored(id, &writing.importing.skus(group)).await,
        None => Ok(None),
    }
}

async fn save<S: SaveEdit>(writing: &Writing<'_, S>, edit: &Edit) -> Result<(), WriteError<NotSaved>> {
    let Writing { import, importing, .. } = writing;
    let at = importing.moment.at;
    let audit = AuditEntry {
        at,
        actor: import.actor.to_string(),
        action: "import_product".to_owned(),
        subject: edit.product.id.to_string(),
        fields: importing.header.columns().map(|column| column.name().to_owned()).collect(),
        correlation_id: import.trace.correlation_id.clone(),
    };
    let event_id = EventId::new((writing.new_id)());
    let saving = Saving { edit, audit: &audit, event_id, trace: &import.trace, at, image: None, answer: None };
    writing.catalog.save_edit(saving).await
}

/// Writes the stocks that were counted; a refusal means that some are others by now.
async fn count<S: SaveCounts>(writing: &Writing<'_, S>, rows: &[PlannedRow]) -> Result<(), WriteError<NotCounted>> {
    let counted: Vec<Counting> = rows.iter().filter_map(|row| Some(counting(writing, row, row.count?))).collect();
    for some in counted.chunks(COUNTS) {
        let mut left = some.to_vec();
        while !left.is_empty() {
            match writing.catalog.save_counts(&left).await {
                Ok(()) => break,
                Err(WriteError::Refused(reasons)) => {
                    let before = left.len();
                    left.retain(|counting| !reasons.contains(&NotCounted::Already(counting.entry.sku.clone())));
                    if left.len() == before {
                        return Err(WriteError::Refused(reasons));
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn counting<S>(writing: &Writing<'_, S>, row: &PlannedRow, count: Count) -> Counting {
    let Writing { import, importing, .. } = writing;
    let entry = LedgerEntry {
        sku: row.sku.clone(),
        at: importing.moment.at,
        delta: count.counted - count.on_hand,
        reason: Reason::Import,
        note: None,
        actor: import.actor.clone(),
    };
    let line = (import.created_at, importing.ulid(row.line));
    let mark = Import::mark(import.id, row.line, row.result);
    Counting { entry, line, on_hand: count.on_hand, mark }
}
