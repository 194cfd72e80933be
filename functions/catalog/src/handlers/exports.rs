//! What the endpoints and the consumer of copies of the catalogue have in common.

use dynamo::{Row, StoreError};
use kernel::{ExportId, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{Export, ExportStatus};

pub trait LoadExport {
    async fn load_export(&self, id: ExportId) -> Result<Option<Row<Export>>, StoreError>;
}

/// A copy of the catalogue.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CatalogExport")]
pub struct ExportView {
    id: ExportId,
    status: ExportStatus,
    created_at: Timestamp,
    /// Products that it has so far.
    products: u32,
    /// Until when the file can be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    /// Leads to the file for five minutes; ask again for another.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl ExportView {
    pub(crate) fn of(export: &Export, url: Option<String>, now: Timestamp) -> Self {
        let &Export { id, created_at, products, .. } = export;
        Self { id, status: export.status_at(now), created_at, products, expires_at: export.expires_at(), url }
    }
}
