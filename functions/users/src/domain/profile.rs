use api::Group;
use events::UserRegistered;
use kernel::{AddressId, Email, Locale, Phone, Text, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::Account;

/// What people are called. Cognito would take more; a parcel label would not.
pub type Name = Text<1, 100>;

/// What the shop itself knows of somebody with an account. Passwords, codes and tokens are Cognito's.
///
/// Whatever was added after the first release has a default, so that older rows read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub id: UserId,
    pub email: Email,
    pub name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    pub locale: Locale,
    pub created_at: Timestamp,
    #[serde(default)]
    pub status: Status,
    /// What staff may do: no token gives more than this row does.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Whoever signed in before is signed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions_valid_from: Option<Timestamp>,
    /// Since when signing in takes a code of the authenticator app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketing_consent: Option<MarketingConsent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_shipping: Option<AddressId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_billing: Option<AddressId>,
    /// How many rows the address book has.
    #[serde(default)]
    pub address_count: u32,
    /// The row's own: the condition of the next write.
    #[serde(skip)]
    pub version: u64,
    /// Whether the row is in the list of all and its address claimed. Rows of the first release are not, until their owner signs in.
    #[serde(skip)]
    pub is_listed: bool,
}

/// Whether an account may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "UserStatus")]
pub enum Status {
    #[default]
    Active,
    Disabled,
    Deleted,
}

/// What somebody last said to advertising, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MarketingConsent {
    pub granted: bool,
    pub at: Timestamp,
}

/// What is left in the place of a deleted profile: nothing about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    pub id: UserId,
    /// Always [`Status::Deleted`], for those who read only the status.
    pub status: Status,
    pub deleted_at: Timestamp,
}

/// Who is behind an id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Person {
    Deleted(Tombstone),
    Known(Box<Profile>),
}

impl Person {
    /// The profile of somebody who is still there.
    #[must_use]
    pub fn profile(self) -> Option<Profile> {
        match self {
            Self::Known(profile) => Some(*profile),
            Self::Deleted(_) => None,
        }
    }

    /// Whether the shop lets them in.
    #[must_use]
    pub fn is_welcome(&self) -> bool {
        matches!(self, Self::Known(profile) if profile.status == Status::Active)
    }
}

impl Profile {
    /// The profile of an account that has none yet.
    #[must_use]
    pub fn of(account: Account, now: Timestamp) -> Self {
        let Account { id, email, name, locale } = account;
        Self {
            id,
            email,
            name,
            phone: None,
            locale,
            created_at: now,
            status: Status::Active,
            groups: Vec::new(),
            sessions_valid_from: None,
            totp_since: None,
            marketing_consent: None,
            default_shipping: None,
            default_billing: None,
            address_count: 0,
            version: 1,
            is_listed: true,
        }
    }

    /// What the other services are told.
    #[must_use]
    pub fn registered(&self) -> UserRegistered {
        UserRegistered {
            user_id: self.id.clone(),
            email: self.email.clone(),
            name: self.name.to_string(),
            locale: self.locale,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn profile() -> Profile {
        let account =
            Account::read("b3f0c1de-5a5e-4c7f-9d0e-1f6a2b3c4d5e", "ada@example.com", Some("Ada"), None).unwrap();
        Profile::of(account, testkit::now())
    }

    #[test]
    fn a_row_of_the_first_release_still_reads() {
        let row = json!({
            "id": "b3f0c1de-5a5e-4c7f-9d0e-1f6a2b3c4d5e", "email": "ada@example.com", "name": "Ada", "locale": "en",
            "created_at": testkit::now(),
        });
        assert_eq!(
            serde_json::from_value::<Profile>(row).unwrap(),
            Profile { version: 0, is_listed: false, ..profile() }
        );
    }

    #[test]
    fn what_a_deletion_left_is_told_from_a_profile() {
        let id = profile().id;
        let left = json!({ "id": id, "status": "deleted", "deleted_at": testkit::now() });
        assert_eq!(serde_json::from_value::<Person>(left).unwrap().profile(), None);
        let known = serde_json::to_value(Person::Known(Box::new(profile()))).unwrap();
        assert_eq!(serde_json::from_value::<Person>(known).unwrap().profile().map(|profile| profile.id), Some(id));
    }
}
