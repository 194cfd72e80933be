use std::borrow::Cow;
use std::fmt;

use kernel::Invalid;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};

/// Cognito takes no more characters.
const MAX_LENGTH: usize = 256;
/// The user pool's policy (template.yaml at the root), checked here first so that a weak password is refused alike for a new and
/// for a taken address.
const MIN_LENGTH: usize = 10;
/// Cognito's pattern for a password does not reach past them.
const LINE_BREAKS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// A password on its way to Cognito: never stored, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes any text that Cognito would look at.
    ///
    /// # Errors
    /// When it is empty or longer than any password.
    pub fn parse(text: String) -> Result<Self, Invalid> {
        match text.chars().count() {
            0 => Err(Invalid::new("required", "The password must not be empty.")),
            1..=MAX_LENGTH => Ok(Self(text)),
            _ => Err(Invalid::new("too_long", "A password has at most 256 characters.")),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The rule that keeps this from being a new password.
    #[must_use]
    pub fn weakness(&self) -> Option<&'static str> {
        if self.0.chars().count() < MIN_LENGTH {
            Some("A password has at least 10 characters.")
        } else if self.0.trim() != self.0 {
            Some("A password does not start or end with a space.")
        } else if self.0.contains(LINE_BREAKS) {
            Some("A password is one line.")
        } else {
            None
        }
    }

    /// Whether anybody can have it: to Cognito, anything else is no wrong password but a broken request.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.0.chars().count() > 1 && self.0.trim() == self.0 && !self.0.contains(LINE_BREAKS)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl JsonSchema for Password {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Password".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "password", "minLength": 1, "maxLength": MAX_LENGTH, "writeOnly": true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::parse(text.to_owned()).unwrap()
    }

    #[test]
    fn length_makes_a_password_and_characters_do_not() {
        assert!(password("Aa1!Aa1!A").weakness().is_some());
        assert!(password("just small letters").weakness().is_none());
        assert!(password("ten\u{e4}\u{f6}\u{fc}\u{df}\u{e9}\u{e8}\u{ea}").weakness().is_none());
    }

    #[test]
    fn a_space_at_the_end_is_a_slip() {
        assert!(password("long enough ").weakness().is_some());
    }

    #[test]
    fn what_cognito_would_not_look_at_is_nobodys_password() {
        for text in ["x", " correct horse", "correct horse ", "correct\nhorse", "correct\u{2028}horse"] {
            assert!(!password(text).is_possible(), "{text:?}");
            assert!(password(text).weakness().is_some(), "{text:?}");
        }
        for text in ["xy", "correct  horse"] {
            assert!(password(text).is_possible(), "{text:?}");
        }
    }

    #[test]
    fn what_no_password_can_be_is_refused_at_once() {
        assert!(Password::parse(String::new()).is_err());
        assert!(Password::parse("x".repeat(257)).is_err());
    }

    #[test]
    fn a_password_does_not_reach_a_log() {
        assert_eq!(format!("{:?}", password("correct horse")), "Password(…)");
    }
}
