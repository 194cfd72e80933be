//! E-mail addresses.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

use crate::Invalid;
use crate::string_value::{string_value, text_views};

/// An e-mail address in small letters; `Debug` does not show it.
///
/// Only ASCII, because the mail services accept no other local part. Quoted local parts and address literals are
/// refused: nobody who types one into a shop means it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(String);

impl Email {
    /// Trims, normalises and lower-cases an address.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().nfc().collect::<String>().to_lowercase();
        match text.split_once('@') {
            Some((local, domain)) if text.len() <= 254 && is_local_part(local) && is_domain(domain) => Ok(Self(text)),
            _ => Err(Invalid::new("invalid_email", "This is not an e-mail address, such as name@example.com.")),
        }
    }
}

/// Where an address was until its owner left. Nobody has it: `.invalid` is no domain (RFC 2606).
const ERASED: &str = "erased@erased.invalid";

impl Email {
    /// What stands in the place of an address that was erased.
    #[must_use]
    pub fn erased() -> Self {
        Self(ERASED.to_owned())
    }

    /// Whether anybody can have it: `.invalid` is kept free, so that what is written there reaches nobody.
    #[must_use]
    pub fn can_exist(&self) -> bool {
        !self.0.ends_with(".invalid")
    }

    /// Whether there was an address here once, and nobody can be written to any more.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.0 == ERASED
    }
}

fn is_local_part(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.split('.').all(|atom| {
            !atom.is_empty()
                && atom.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte))
        })
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top_is_named = text.rsplit_once('.').is_some_and(|(_, top)| !top.bytes().all(|byte| byte.is_ascii_digit()));
    text.split('.').all(is_label) && top_is_named
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

text_views!(Email);
string_value!(
    Email,
    schemars::json_schema!({
        "type": "string", "format": "email", "minLength": 3, "maxLength": 254, "examples": ["name@example.com"],
    })
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_erased_address_is_one_that_nobody_has() {
        assert!(Email::erased().is_erased());
        assert_eq!(Email::parse(Email::erased().as_str()).unwrap(), Email::erased());
        let ada = Email::parse("ada@example.com").unwrap();
        assert!(!ada.is_erased() && ada.can_exist());
        assert!(!Email::erased().can_exist() && !Email::parse("ada@Shop.INVALID").unwrap().can_exist());
    }

    #[test]
    fn one_mailbox_has_one_spelling() {
        assert_eq!(Email::parse(" Ada.L+shop@Example.COM\n").unwrap().as_str(), "ada.l+shop@example.com");
    }

    #[test]
    fn what_is_no_mailbox_is_refused() {
        for refused in [
            "",
            "@",
            "a",
            "a@b",
            "@example.com",
            "a@",
            "a@b@example.com",
            "a b@example.com",
            "a..b@example.com",
            ".a@example.com",
            "a@-example.com",
            "a@example..com",
            "a@1.2.3.4",
            "ä@example.com",
            "a@example.com\r\nBcc: b@example.com",
            &format!("{}@example.com", "x".repeat(65)),
            &format!("a@{}com", "example.".repeat(40)),
        ] {
            assert!(Email::parse(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn an_address_does_not_reach_a_log() {
        let email = Email::parse("ada@example.com").unwrap();
        assert_eq!(format!("{email:?}"), "Email(…)");
        let error = Email::parse("ada.example.com").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("ada"));
    }
}
