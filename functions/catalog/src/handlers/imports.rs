//! What the endpoints and the consumer of imports have in common.

use dynamo::{Page, Row, StoreError};
use kernel::{ImportId, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::import::{Counts, Failure, Import, ImportStatus, RefusedRow};
use crate::handlers::list_products::Place;

pub trait LoadImport {
    async fn load_import(&self, id: ImportId) -> Result<Option<Row<Import>>, StoreError>;
}

pub trait LoadRefusedRows {
    /// In the order of their lines.
    async fn load_refused_rows(
        &self,
        id: ImportId,
        limit: u16,
        after: Option<Place>,
    ) -> Result<Page<RefusedRow>, StoreError>;
}

/// How far an import is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Import")]
pub struct ImportView {
    id: ImportId,
    status: ImportStatus,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    /// Rows of the file, once it was looked through.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u32>,
    #[serde(flatten)]
    counts: Counts,
    /// Why an import has failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
}

impl ImportView {
    pub(crate) fn of(import: Import) -> Self {
        let Import { id, status, created_at, finished_at, counts, failure, file, .. } = import;
        Self { id, status, created_at, finished_at, rows: file.map(|file| file.rows), counts, failure }
    }
}
