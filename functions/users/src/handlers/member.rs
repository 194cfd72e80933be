//! An account as staff see it.

use api::{Group, Response};
use kernel::{Email, Locale, Phone, Timestamp, UserId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{Name, Profile, Status};

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UserForStaff")]
pub struct MemberView {
    id: UserId,
    email: Email,
    name: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<Phone>,
    locale: Locale,
    status: Status,
    /// What staff may do; a shopper is in none.
    groups: Vec<Group>,
    /// Whether signing in takes a second factor.
    totp: bool,
    created_at: Timestamp,
}

impl MemberView {
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        let Profile { id, email, name, phone, locale, status, groups, totp_since, created_at, .. } = profile;
        Self { id, email, name, phone, locale, status, groups, totp: totp_since.is_some(), created_at }
    }
}

/// The account with the version that its next change has to name.
pub(crate) fn answer(profile: Profile) -> Response {
    let version = profile.version;
    Response::ok(&MemberView::of(profile)).versioned(version)
}
