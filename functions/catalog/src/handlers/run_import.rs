//! The queue of imports: a file that came is looked through, and then done a few hundred rows a message. Each message leaves word of how far
//! it came, and sends the rest on.
//!
//! Whatever a message did and did not note is done again by the next, and comes to the same: see [`import_group`](super::import_group).

use std::collections::BTreeMap;

use dynamo::{Row, StoreError};
use events::Unreadable;
use futures_util::future::try_join_all;
use kernel::{CategoryId, Currency, ImportId, Invalid, Slug, Timestamp, Ulid};
use queue::Message;
use serde::{Deserialize, Serialize};
use telemetry::Trace;
use tracing::info;

use crate::domain::import::{File, Import, ImportStatus, RefusedRow};
use crate::domain::import_plan::Importing;
use crate::domain::sheet_rows::{PIECE_BYTES, Place, groups};
use crate::domain::{Category, ShopZone, Tree};
use crate::handlers::categories::ReadCategories;
use crate::handlers::edits::{LoadStored, SaveEdit};
use crate::handlers::get_product_by_slug::FindSlug;
use crate::handlers::import_group::{NotDone, SaveCounts, Writing, do_group};
use crate::handlers::import_survey::{Stopped, gone, is_end, look_through, too_long};
use crate::handlers::imports::LoadImport;
use crate::handlers::list_product::NotQueued;
use crate::uploads::{BucketError, Excerpt, UploadBucket, Uploaded, import_file, uploaded};

/// Products that are written at the same time.
const SIDE_BY_SIDE: usize = 8;

/// An import that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportWork {
    /// None for what a bucket sends beside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import_id: Option<ImportId>,
    #[serde(flatten)]
    pub trace: Trace,
}

impl Message for ImportWork {
    fn read(body: &str) -> Result<Self, Unreadable> {
        if let Ok(work) = serde_json::from_str(body) {
            return Ok(work);
        }
        Ok(match uploaded(body)? {
            Uploaded::Import(id) => Self { import_id: Some(id), trace: Trace::start(id.to_string()) },
            Uploaded::Image { .. } | Uploaded::Nothing => Self { import_id: None, trace: Trace::start("uploads") },
        })
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

pub trait ReadUpload {
    /// At most `length` bytes of a file; none when it is gone, or is not the one with this `etag`.
    async fn read_upload(
        &self,
        key: &str,
        etag: Option<&str>,
        from: u64,
        length: u64,
    ) -> Result<Option<Excerpt>, BucketError>;
}

impl ReadUpload for UploadBucket {
    async fn read_upload(
        &self,
        key: &str,
        etag: Option<&str>,
        from: u64,
        length: u64,
    ) -> Result<Option<Excerpt>, BucketError> {
        self.excerpt(key, etag, from, length).await
    }
}

pub trait SaveProgress {
    /// Writes the refused rows and how far the import is; false when another is further.
    async fn save_progress(
        &self,
        before: &Row<Import>,
        after: &Import,
        refused: &[RefusedRow],
    ) -> Result<bool, StoreError>;
}

/// Sends the rest of an import on.
pub trait SendOn {
    async fn send_on(&self, work: &ImportWork) -> Result<(), NotQueued>;
}

/// How much one message does.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub rows: usize,
    /// No more is begun after so long.
    pub seconds: i64,
    pub piece_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 500, seconds: 4, piece_bytes: PIECE_BYTES }
    }
}

pub struct Deps<S, B, Q> {
    pub catalog: S,
    pub uploads: B,
    pub rest: Q,
    pub currency: Currency,
    pub zone: ShopZone,
    pub limits: Limits,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

/// Why the message stays in its queue.
#[derive(Debug, thiserror::Error)]
pub enum NotImported {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bucket(#[from] BucketError),
    #[error(transparent)]
    NotQueued(#[from] NotQueued),
    #[error(transparent)]
    NotDone(#[from] NotDone),
}

/// # Errors
/// [`NotImported`]: the queue delivers the message again.
pub async fn handle<S, B, Q>(deps: &Deps<S, B, Q>, work: ImportWork) -> Result<(), NotImported>
where
    S: LoadImport + SaveProgress + ReadCategories + FindSlug + LoadStored + SaveEdit + SaveCounts,
    B: ReadUpload,
    Q: SendOn,
{
    let Some(id) = work.import_id else { return Ok(()) };
    let Some(row) = deps.catalog.load_import(id).await? else { return Ok(()) };
    let (after, refused) = match (row.body.status, &row.body.file) {
        (ImportStatus::Waiting, _) => (begin(deps, &row.body).await?, Vec::new()),
        (ImportStatus::Running, Some(file)) => go_on(deps, &row.body, file).await?,
        _ => return Ok(()),
    };
    let is_saved = deps.catalog.save_progress(&row, &after, &refused).await?;
    info!(import.id = %id, status = ?after.status, rows = after.counts.rows(), is_saved, "import {id} went on");
    // Whoever was faster sends the rest on.
    if is_saved && after.status == ImportStatus::Running {
        deps.rest.send_on(&ImportWork { import_id: Some(id), trace: after.trace }).await?;
    }
    Ok(())
}

/// Looks through the whole file.
async fn begin<S, B: ReadUpload, Q>(deps: &Deps<S, B, Q>, import: &Import) -> Result<Import, NotImported> {
    match look_through(&deps.uploads, import.id, deps.limits.piece_bytes).await {
        Ok(file) => Ok(import.clone().begun(file)),
        Err(Stopped::Refused(invalid)) => Ok(import.clone().failed(invalid, (deps.now)())),
        Err(Stopped::Bucket(error)) => Err(error.into()),
    }
}

/// Does the next rows: how far the import is then, and which were refused.
async fn go_on<S, B, Q>(
    deps: &Deps<S, B, Q>,
    import: &Import,
    file: &File,
) -> Result<(Import, Vec<RefusedRow>), NotImported>
where
    S: ReadCategories + FindSlug + LoadStored + SaveEdit + SaveCounts,
    B: ReadUpload,
{
    let began = (deps.now)();
    let failed = |invalid: Invalid| Ok((import.clone().failed(invalid, began), Vec::new()));
    let key = import_file(import.id);
    let piece = deps.uploads.read_upload(&key, Some(&file.etag), file.rest.byte, deps.limits.piece_bytes).await?;
    let Some(piece) = piece else { return failed(gone()) };
    let header = match file.header() {
        Ok(header) => header,
        Err(invalid) => return failed(invalid),
    };
    let is_end = is_end(&piece, file.rest);
    let groups = groups(&piece.bytes, file.rest, is_end, &header);
    if groups.is_empty() && !is_end {
        return failed(too_long(file.rest));
    }
    let categories = by_slug(deps.catalog.read_categories().await?);
    let importing = Importing {
        id: import.id,
        header: &header,
        repeated: &file.repeated,
        categories: &categories,
        currency: deps.currency,
        moment: deps.zone.moment(began),
    };
    let writing = Writing { catalog: &deps.catalog, importing, import, new_id: deps.new_id };
    let (mut after, mut refused, mut rows) = (import.clone(), Vec::new(), 0);
    // With no product left, the rest is ends of lines.
    let mut rest = Place { byte: file.size, ..file.rest };
    for some in groups.chunks(SIDE_BY_SIDE) {
        rest = some[0].rows[0].place;
        if rows >= deps.limits.rows || (deps.now)().seconds_since(began) > deps.limits.seconds {
            break;
        }
        for done in try_join_all(some.iter().map(|group| do_group(&writing, group))).await? {
            done.results.into_iter().for_each(|result| after.counts.count(result));
            after.counts.refused += u32::try_from(done.refused.len()).unwrap_or(u32::MAX);
            refused.extend(done.refused);
        }
        rows += some.iter().map(|group| group.rows.len()).sum::<usize>();
        rest = some[some.len() - 1].after;
    }
    let file = File { rest, ..file.clone() };
    let is_done = file.is_at_its_end();
    after.file = Some(file);
    Ok((if is_done { after.done((deps.now)()) } else { after }, refused))
}

fn by_slug(tree: Tree) -> BTreeMap<Slug, CategoryId> {
    let open = tree.into_sorted().into_iter().filter(Category::is_open);
    open.map(|category| (category.slug, category.id)).collect()
}

#[cfg(test)]
#[path = "run_import_tests.rs"]
mod tests;
