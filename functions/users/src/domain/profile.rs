use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use events::UserRegistered;
use kernel::{Email, Locale, Phone, Text, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::domain::Account;

/// What people are called. Cognito would take more; a parcel label would not.
pub type Name = Text<1, 100>;

/// What the shop itself knows of somebody with an account. Passwords, codes, tokens and groups are Cognito's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub id: UserId,
    pub email: Email,
    pub name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    pub locale: Locale,
    pub created_at: Timestamp,
    /// Made from the code that confirmed the address, so that the same confirmation, sent again, is known from a guess.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<String>,
}

impl Profile {
    /// The profile of an account that has none yet.
    #[must_use]
    pub fn of(account: Account, now: Timestamp) -> Self {
        let Account { id, email, name, locale } = account;
        Self { id, email, name, phone: None, locale, created_at: now, confirmed_by: None }
    }

    /// Remembers which code confirmed the address.
    #[must_use]
    pub fn confirmed_by(mut self, code: &str) -> Self {
        self.confirmed_by = Some(fingerprint(&self.id, code));
        self
    }

    /// Whether the address was confirmed by just this code.
    #[must_use]
    pub fn was_confirmed_by(&self, code: &str) -> bool {
        self.confirmed_by.as_ref().is_some_and(|known| *known == fingerprint(&self.id, code))
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

/// A spent code opens nothing, so a plain hash is enough.
fn fingerprint(id: &UserId, code: &str) -> String {
    let hash = digest::digest(&digest::SHA256, format!("{id}\n{code}").as_bytes());
    URL_SAFE_NO_PAD.encode(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> Profile {
        let account =
            Account::read("b3f0c1de-5a5e-4c7f-9d0e-1f6a2b3c4d5e", "ada@example.com", Some("Ada"), None).unwrap();
        Profile::of(account, testkit::now())
    }

    #[test]
    fn a_confirmation_is_known_again_by_its_code() {
        let confirmed = profile().confirmed_by("123456");
        assert!(confirmed.was_confirmed_by("123456"));
        assert!(!confirmed.was_confirmed_by("654321"));
    }

    #[test]
    fn a_profile_that_no_code_made_is_confirmed_by_none() {
        assert!(!profile().was_confirmed_by(""));
    }
}
