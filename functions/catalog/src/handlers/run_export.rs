//! `ExportRequested`: a copy of the catalogue, some hundred products a message. What was read is kept in the bucket until it is long enough
//! for a part of the file; each message leaves word of how far it came, and sends the rest on.
//!
//! A message that comes twice at the same time may put something else in the place of what the other put there and left word of. Both are
//! told apart by their contents, and the file is begun anew.

use std::collections::BTreeMap;

use dynamo::{Row, StoreError};
use events::{ExportRequested, Unreadable, read_rule_message};
use kernel::{CategoryId, ExportId, ProductId, Slug, Timestamp};
use queue::Message;
use serde::{Deserialize, Serialize};
use telemetry::Trace;
use tracing::info;

use crate::domain::{Export, ExportStatus, Part, Progress, Stored, sheet_write};
use crate::handlers::categories::ReadCategories;
use crate::handlers::exports::LoadExport;
use crate::handlers::list_product::NotQueued;
use crate::uploads::{BucketError, UploadBucket, export_file, export_rest};

/// Products of one message, at most.
const PRODUCTS: u16 = 400;

/// A copy that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportWork {
    pub export_id: ExportId,
    #[serde(flatten)]
    pub trace: Trace,
}

impl Message for ExportWork {
    fn read(body: &str) -> Result<Self, Unreadable> {
        if let Ok(work) = serde_json::from_str(body) {
            return Ok(work);
        }
        let event = read_rule_message::<ExportRequested>(body)?;
        Ok(Self { export_id: event.data.export_id, trace: event.trace })
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

pub trait LoadCatalog {
    /// The next products in the order of their age, and whether there may be more; those that are gone are left out.
    async fn load_catalog(&self, after: Option<ProductId>, limit: u16) -> Result<Shelf, StoreError>;
}

/// Some of all products.
#[derive(Debug, Default)]
pub struct Shelf {
    pub products: Vec<Stored>,
    /// The last that was looked at, when there may be more behind it.
    pub next: Option<ProductId>,
}

pub trait SaveExport {
    /// Writes how far the copy is; false when another is further.
    async fn save_export(&self, before: &Row<Export>, after: &Export) -> Result<bool, StoreError>;
}

/// The bucket's side of a file that is put together.
pub trait WriteFile {
    async fn begin_file(&self, key: &str) -> Result<String, BucketError>;
    async fn put_part(&self, key: &str, upload: &str, number: u16, bytes: Vec<u8>) -> Result<Part, BucketError>;
    /// False when a part is another by now.
    async fn complete_file(&self, key: &str, upload: &str, parts: &[Part]) -> Result<bool, BucketError>;
    /// What names its contents.
    async fn put_rest(&self, key: &str, bytes: Vec<u8>) -> Result<String, BucketError>;
    /// Whether all of the file is there.
    async fn has_file(&self, key: &str) -> Result<bool, BucketError>;
    /// None when it is gone, or its contents are others by now.
    async fn read_rest(&self, key: &str, etag: &str) -> Result<Option<Vec<u8>>, BucketError>;
}

impl WriteFile for UploadBucket {
    async fn begin_file(&self, key: &str) -> Result<String, BucketError> {
        self.begin(key).await
    }

    async fn put_part(&self, key: &str, upload: &str, number: u16, bytes: Vec<u8>) -> Result<Part, BucketError> {
        self.put_part(key, upload, number, bytes).await
    }

    async fn complete_file(&self, key: &str, upload: &str, parts: &[Part]) -> Result<bool, BucketError> {
        self.complete(key, upload, parts).await
    }

    async fn put_rest(&self, key: &str, bytes: Vec<u8>) -> Result<String, BucketError> {
        self.put(key, bytes).await
    }

    async fn has_file(&self, key: &str) -> Result<bool, BucketError> {
        self.has(key).await
    }

    async fn read_rest(&self, key: &str, etag: &str) -> Result<Option<Vec<u8>>, BucketError> {
        self.read(key, etag).await
    }
}

/// Sends the rest of a copy on.
pub trait SendOn {
    async fn send_on(&self, work: &ExportWork) -> Result<(), NotQueued>;
}

pub struct Deps<S, B, Q> {
    pub catalog: S,
    pub uploads: B,
    pub rest: Q,
    /// The bucket takes no shorter part of a file, except the last.
    pub part_bytes: usize,
    pub now: fn() -> Timestamp,
}

/// Why the message stays in its queue.
#[derive(Debug, thiserror::Error)]
pub enum NotExported {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bucket(#[from] BucketError),
    #[error(transparent)]
    NotQueued(#[from] NotQueued),
}

/// # Errors
/// [`NotExported`]: the queue delivers the message again.
pub async fn handle<S, B, Q>(deps: &Deps<S, B, Q>, work: ExportWork) -> Result<(), NotExported>
where
    S: LoadExport + SaveExport + LoadCatalog + ReadCategories,
    B: WriteFile,
    Q: SendOn,
{
    let id = work.export_id;
    let Some(row) = deps.catalog.load_export(id).await? else { return Ok(()) };
    if !matches!(row.body.status, ExportStatus::Pending | ExportStatus::Running) {
        return Ok(());
    }
    let after = step(deps, &row.body).await?;
    let is_saved = deps.catalog.save_export(&row, &after).await?;
    info!(export.id = %id, status = ?after.status, products = after.products, is_saved, "export {id} went on");
    // Whoever was faster sends the rest on.
    if is_saved && after.status == ExportStatus::Running {
        deps.rest.send_on(&ExportWork { export_id: id, trace: after.trace }).await?;
    }
    Ok(())
}

/// Reads the next products: how far the copy is then. Done again, it writes under the same names.
async fn step<S, B, Q>(deps: &Deps<S, B, Q>, export: &Export) -> Result<Export, NotExported>
where
    S: LoadCatalog + ReadCategories,
    B: WriteFile,
{
    let (id, file) = (export.id, export_file(export.id, export.restarts));
    let Progress { step, rest, after, upload, mut parts } = export.progress.clone();
    let begun = match step {
        0 => Some(sheet_write::header()),
        _ => deps.uploads.read_rest(&export_rest(id, step), &rest).await?,
    };
    let Some(mut bytes) = begun else { return Ok(export.clone().begun_anew()) };
    let shelf = deps.catalog.load_catalog(after, PRODUCTS).await?;
    let categories = by_id(deps).await?;
    for stored in &shelf.products {
        let category = categories.get(&stored.product.category_id).map_or("", Slug::as_str);
        bytes.extend(sheet_write::product_rows(stored, category));
    }
    let is_last = shelf.next.is_none();
    let products = export.products + u32::try_from(shelf.products.len()).unwrap_or(u32::MAX);
    let finished = Export {
        status: ExportStatus::Ready,
        finished_at: Some((deps.now)()),
        products,
        progress: Progress::default(),
        ..export.clone()
    };
    // Once the file is whole, its parts are no more; and somebody may have made another product since.
    if upload.is_some() && deps.uploads.has_file(&file).await? {
        return Ok(finished);
    }
    let upload = match upload {
        Some(upload) => upload,
        None => deps.uploads.begin_file(&file).await?,
    };
    if is_last || bytes.len() >= deps.part_bytes {
        let number = u16::try_from(parts.len() + 1).unwrap_or(u16::MAX);
        parts.push(deps.uploads.put_part(&file, &upload, number, std::mem::take(&mut bytes)).await?);
    }
    if is_last {
        let is_whole = deps.uploads.complete_file(&file, &upload, &parts).await?;
        return Ok(if is_whole { finished } else { export.clone().begun_anew() });
    }
    let rest = deps.uploads.put_rest(&export_rest(id, step + 1), bytes).await?;
    let progress = Progress { step: step + 1, rest, after: shelf.next, upload: Some(upload), parts };
    Ok(Export { status: ExportStatus::Running, products, progress, ..export.clone() })
}

async fn by_id<S: ReadCategories, B, Q>(deps: &Deps<S, B, Q>) -> Result<BTreeMap<CategoryId, Slug>, StoreError> {
    let categories = deps.catalog.read_categories().await?.into_sorted();
    Ok(categories.into_iter().map(|category| (category.id, category.slug)).collect())
}

#[cfg(test)]
#[path = "run_export_tests.rs"]
mod tests;
