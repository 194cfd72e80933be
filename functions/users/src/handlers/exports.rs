//! What the endpoints and the consumer of exports have in common.

use dynamo::StoreError;
use kernel::{ExportId, Timestamp, UserId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{Export, ExportStatus};

pub trait LoadExport {
    /// The latest copy that somebody asked for.
    async fn load_export(&self, user: &UserId) -> Result<Option<Export>, StoreError>;
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Export")]
pub struct ExportView {
    id: ExportId,
    status: ExportStatus,
    requested_at: Timestamp,
    /// Until when the file can be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    /// Leads to the file for five minutes; ask again for another.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl ExportView {
    pub(crate) fn of(export: &Export, url: Option<String>, now: Timestamp) -> Self {
        let &Export { id, requested_at, expires_at, .. } = export;
        Self { id, status: export.status_at(now), requested_at, expires_at, url }
    }
}
