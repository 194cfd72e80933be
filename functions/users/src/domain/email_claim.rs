use kernel::{Email, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::domain::{Profile, pseudonym};

/// Seconds that an address is held for somebody who has yet to prove that it is theirs.
pub const HOLD_SECONDS: i64 = 3600;

/// Whose an address is, or is about to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailClaim {
    pub user_id: UserId,
    pub claimed_at: Timestamp,
    /// Whether mail to the address was proven to reach its owner.
    pub is_confirmed: bool,
    /// Made from the code that confirmed the address when its owner registered, so that the same confirmation, sent again, is known from a
    /// guess.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<String>,
}

impl EmailClaim {
    /// An address that awaits its proof.
    #[must_use]
    pub fn held(user_id: UserId, now: Timestamp) -> Self {
        Self { user_id, claimed_at: now, is_confirmed: false, confirmed_by: None }
    }

    /// The proven address of `user_id`, by `code` if they registered with it.
    #[must_use]
    pub fn confirmed(user_id: UserId, code: Option<&str>, now: Timestamp) -> Self {
        let confirmed_by = code.map(|code| fingerprint(&user_id, code));
        Self { user_id, claimed_at: now, is_confirmed: true, confirmed_by }
    }

    /// Whether the address was confirmed by just this code.
    #[must_use]
    pub fn was_confirmed_by(&self, code: &str) -> bool {
        self.is_confirmed && self.confirmed_by.as_ref().is_some_and(|known| *known == fingerprint(&self.user_id, code))
    }

    /// Whether nobody but `user` may have the address at this moment.
    #[must_use]
    pub fn is_held_by(&self, user: &UserId, now: Timestamp) -> bool {
        self.user_id == *user && (self.is_confirmed || now.seconds_since(self.claimed_at) < HOLD_SECONDS)
    }
}

/// A spent code opens nothing, so a plain hash is enough.
fn fingerprint(id: &UserId, code: &str) -> String {
    pseudonym(&format!("{id}\n{code}"))
}

impl Profile {
    /// The profile under another address.
    #[must_use]
    pub fn moved_to(&self, email: Email) -> Self {
        Self { email, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use testkit::now;

    use super::*;
    use crate::domain::samples::ada;

    fn claim(is_confirmed: bool) -> EmailClaim {
        EmailClaim { is_confirmed, ..EmailClaim::held(ada().id, now()) }
    }

    #[test]
    fn a_confirmation_is_known_again_by_its_code() {
        let confirmed = EmailClaim::confirmed(ada().id, Some("123456"), now());
        assert!(confirmed.was_confirmed_by("123456"));
        assert!(!confirmed.was_confirmed_by("654321"));
    }

    #[test]
    fn an_address_that_no_code_confirmed_was_confirmed_by_none() {
        assert!(!EmailClaim::confirmed(ada().id, None, now()).was_confirmed_by(""));
    }

    #[test]
    fn an_address_that_nobody_proves_to_have_is_held_for_an_hour() {
        assert!(claim(false).is_held_by(&ada().id, now().plus_seconds(HOLD_SECONDS - 1)));
        assert!(!claim(false).is_held_by(&ada().id, now().plus_seconds(HOLD_SECONDS)));
        assert!(claim(true).is_held_by(&ada().id, now().plus_seconds(HOLD_SECONDS)));
    }

    #[test]
    fn an_address_is_held_for_one_person() {
        let other = UserId::parse("00000000-5a5e-4c7f-9d0e-1f6a2b3c4d5e").unwrap();
        assert!(!claim(true).is_held_by(&other, now()));
    }
}
