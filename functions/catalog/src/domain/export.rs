//! A copy of the catalogue, written part by part.

use kernel::{ExportId, ProductId, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use telemetry::Trace;

/// The bucket takes no shorter part of a file, except the last.
pub const PART_BYTES: usize = 5 * 1024 * 1024;
/// Times that a file is begun anew.
pub const RESTARTS: u32 = 3;
/// For so long the bucket keeps a copy (template.yaml).
const KEPT_SECONDS: i64 = 7 * 24 * 60 * 60;

/// How far a copy is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    pub id: ExportId,
    pub status: ExportStatus,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Who asked for it.
    pub actor: UserId,
    #[serde(flatten)]
    pub trace: Trace,
    pub products: u32,
    pub progress: Progress,
    /// How often the file was begun anew.
    #[serde(default)]
    pub restarts: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CatalogExportStatus")]
pub enum ExportStatus {
    Pending,
    Running,
    Ready,
    /// It did not come about.
    Failed,
    /// The file is gone.
    Expired,
}

/// Where the rest begins, and what there is so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How many steps were done; the last left what was too short for a part under this number.
    pub step: u32,
    /// Names the contents of what it left.
    #[serde(default)]
    pub rest: String,
    /// The last product that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ProductId>,
    /// The bucket's name for the file that is being put together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    #[serde(default)]
    pub parts: Vec<Part>,
}

/// A part of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Counted from 1.
    pub number: u16,
    /// Names its contents.
    pub etag: String,
}

impl Export {
    #[must_use]
    pub fn new(id: ExportId, actor: UserId, trace: Trace, created_at: Timestamp) -> Self {
        let (status, progress) = (ExportStatus::Pending, Progress::default());
        Self { id, status, created_at, finished_at: None, actor, trace, products: 0, progress, restarts: 0 }
    }

    /// The copy from its first product on, unless that happened often enough.
    #[must_use]
    pub fn begun_anew(self) -> Self {
        if self.restarts == RESTARTS {
            return Self { status: ExportStatus::Failed, ..self };
        }
        let (status, restarts) = (ExportStatus::Running, self.restarts + 1);
        Self { status, restarts, products: 0, progress: Progress::default(), ..self }
    }

    /// How it stands for who asks at `now`.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> ExportStatus {
        if self.expires_at().is_some_and(|expires_at| now >= expires_at) { ExportStatus::Expired } else { self.status }
    }

    /// Until when the file can be fetched, once there is one.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.finished_at.map(|at| at.plus_seconds(KEPT_SECONDS))
    }
}

#[cfg(test)]
mod tests {
    use kernel::Ulid;

    use super::*;

    #[test]
    fn a_copy_can_be_fetched_for_a_week() {
        let now = testkit::now();
        let actor = crate::fixtures::STAFF.parse().unwrap();
        let asked = Export::new(ExportId::new(Ulid(1)), actor, Trace::start("c"), now);
        assert_eq!((asked.status_at(now.plus_seconds(999_999)), asked.expires_at()), (ExportStatus::Pending, None));
        let ready = Export { status: ExportStatus::Ready, finished_at: Some(now), ..asked };
        let week = 7 * 24 * 60 * 60;
        let statuses = [week - 1, week].map(|seconds| ready.status_at(now.plus_seconds(seconds)));
        assert_eq!(statuses, [ExportStatus::Ready, ExportStatus::Expired]);
    }
}
