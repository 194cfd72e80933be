use kernel::{Email, ExportId, Locale, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::Event;

/// Somebody confirmed their address and has an account now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRegistered {
    pub user_id: UserId,
    pub email: Email,
    pub name: String,
    pub locale: Locale,
}

impl Event for UserRegistered {
    const SOURCE: &'static str = "souk.users";
    const DETAIL_TYPE: &'static str = "UserRegistered.v1";

    fn subject(&self) -> String {
        self.user_id.to_string()
    }
}

/// Somebody's profile is another, as it is told here in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserUpdated {
    pub user_id: UserId,
    pub email: Email,
    /// The address until now, when that is what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_email: Option<Email>,
    pub name: String,
    pub locale: Locale,
    /// Since when they have an account, for those whom this reaches before `UserRegistered`. Absent from what the first release told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl Event for UserUpdated {
    const SOURCE: &'static str = "souk.users";
    const DETAIL_TYPE: &'static str = "UserUpdated.v1";

    fn subject(&self) -> String {
        self.user_id.to_string()
    }
}

/// Somebody's account is closed for good: whoever keeps data of theirs erases it, or takes the person out of it.
///
/// The last event that knows the address, so that one mail can say goodbye; nobody keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDeleted {
    pub user_id: UserId,
    pub email: Email,
    pub name: String,
    pub locale: Locale,
}

impl Event for UserDeleted {
    const SOURCE: &'static str = "souk.users";
    const DETAIL_TYPE: &'static str = "UserDeleted.v1";

    fn subject(&self) -> String {
        self.user_id.to_string()
    }
}

/// Somebody has another password than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChanged {
    pub user_id: UserId,
    pub email: Email,
    pub name: String,
    pub locale: Locale,
}

impl Event for PasswordChanged {
    const SOURCE: &'static str = "souk.users";
    const DETAIL_TYPE: &'static str = "PasswordChanged.v1";

    fn subject(&self) -> String {
        self.user_id.to_string()
    }
}

/// Somebody registered with the address of an account that is there already. Its owner is told, and nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationAttempted {
    pub user_id: UserId,
    pub email: Email,
    pub name: String,
    pub locale: Locale,
}

impl Event for RegistrationAttempted {
    const SOURCE: &'static str = "souk.users";
    const DETAIL_TYPE: &'static str = "RegistrationAttempted.v1";

    fn subject(&self) -> String {
        self.user_id.to_string()
    }
}

/// Somebody wants a copy of their data: whoever keeps some adds their part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserExportRequested {
    pub export_id: ExportId,
    pub user_id: UserId,
    pub email: Email,
}

impl Event for UserExportRequested {
    const SOURCE: &'static str = "souk.users";
    const DETAIL_TYPE: &'static str = "UserExportRequested.v1";

    fn subject(&self) -> String {
        self.user_id.to_string()
    }
}

/// A service has put its part of an export into the bucket. Every service with personal data tells it, so the source is none of
/// theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserExportPartReady {
    pub export_id: ExportId,
    pub user_id: UserId,
    /// Whose part it is: `orders`.
    pub service: String,
}

impl Event for UserExportPartReady {
    const SOURCE: &'static str = "souk.exports";
    const DETAIL_TYPE: &'static str = "UserExportPartReady.v1";

    fn subject(&self) -> String {
        self.user_id.to_string()
    }
}

/// The copy of somebody's data waits for them until `expires_at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserExportReady {
    pub export_id: ExportId,
    pub user_id: UserId,
    pub email: Email,
    pub name: String,
    pub locale: Locale,
    pub expires_at: Timestamp,
}

impl Event for UserExportReady {
    const SOURCE: &'static str = "souk.users";
    const DETAIL_TYPE: &'static str = "UserExportReady.v1";

    fn subject(&self) -> String {
        self.user_id.to_string()
    }
}
