//! A copy of everything the shop keeps about somebody, put together from the services' parts.

use std::collections::BTreeMap;

use events::UserExportReady;
use kernel::{ExportId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::Profile;

/// The services that have a part, beside this one. A contract test holds the list to what their rows declare.
pub const PARTS: [&str; 5] = ["cart", "catalog", "notifications", "orders", "payments"];

/// One copy a day: it is work for every service. By then, one that came to nothing is given up.
const EACH_SECONDS: i64 = 24 * 60 * 60;
/// As long as the bucket keeps the file.
const KEPT_SECONDS: i64 = privacy::KEEP_DAYS * 24 * 60 * 60;

/// The latest copy that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    pub id: ExportId,
    pub status: ExportStatus,
    pub requested_at: Timestamp,
    /// Which services have put their part into the bucket.
    pub parts: BTreeMap<String, bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportStatus {
    /// The parts are being gathered.
    Pending,
    /// The file can be fetched.
    Ready,
    /// The file was there and is gone.
    Expired,
}

impl Export {
    #[must_use]
    pub fn new(id: ExportId, now: Timestamp) -> Self {
        let parts = PARTS.into_iter().map(|service| (service.to_owned(), false)).collect();
        Self { id, status: ExportStatus::Pending, requested_at: now, parts, expires_at: None }
    }

    /// Whether it is what somebody gets who asks for another.
    #[must_use]
    pub fn is_recent(&self, now: Timestamp) -> bool {
        now < self.requested_at.plus_seconds(EACH_SECONDS)
    }

    /// Whether every part is there and nobody has joined them.
    #[must_use]
    pub fn can_be_joined(&self) -> bool {
        self.status == ExportStatus::Pending && self.parts.values().all(|is_there| *is_there)
    }

    /// Joined just now.
    #[must_use]
    pub fn joined(self, now: Timestamp) -> Self {
        Self { status: ExportStatus::Ready, expires_at: Some(now.plus_seconds(KEPT_SECONDS)), ..self }
    }

    /// How it stands for its owner.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> ExportStatus {
        let is_gone = self.expires_at.is_some_and(|until| until <= now);
        if is_gone { ExportStatus::Expired } else { self.status }
    }

    /// What the owner is told once the file is there.
    #[must_use]
    pub fn ready_for(&self, profile: &Profile, expires_at: Timestamp) -> UserExportReady {
        UserExportReady {
            export_id: self.id,
            user_id: profile.id.clone(),
            email: profile.email.clone(),
            name: profile.name.to_string(),
            locale: profile.locale,
            expires_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::ulid_at;
    use testkit::now;

    use super::*;

    fn export() -> Export {
        Export::new(ExportId::new(ulid_at(now(), 1)), now())
    }

    fn with_all_parts() -> Export {
        let mut export = export();
        export.parts.values_mut().for_each(|is_there| *is_there = true);
        export
    }

    #[test]
    fn there_is_one_export_a_day_whatever_became_of_it() {
        for export in [export(), with_all_parts().joined(now())] {
            assert!(export.is_recent(now().plus_seconds(EACH_SECONDS - 1)));
            assert!(!export.is_recent(now().plus_seconds(EACH_SECONDS)));
        }
    }

    #[test]
    fn the_parts_are_joined_once_and_only_when_all_are_there() {
        let mut but_one = with_all_parts();
        but_one.parts.insert(PARTS[0].to_owned(), false);
        assert!(with_all_parts().can_be_joined());
        assert!(!but_one.can_be_joined() && !with_all_parts().joined(now()).can_be_joined());
    }

    #[test]
    fn a_file_can_be_fetched_for_a_week() {
        let ready = with_all_parts().joined(now());
        assert_eq!(ready.status_at(now().plus_seconds(KEPT_SECONDS - 1)), ExportStatus::Ready);
        assert_eq!(ready.status_at(now().plus_seconds(KEPT_SECONDS)), ExportStatus::Expired);
        assert_eq!(export().status_at(now()), ExportStatus::Pending);
    }
}
