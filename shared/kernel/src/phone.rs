//! Telephone numbers.

use std::fmt;

use crate::Invalid;
use crate::string_value::{string_value, text_views};

/// A number in E.164 form, `+` and 7 to 15 digits; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

impl Phone {
    /// Reads an international number and drops the spaces and signs that people put between digits.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let number: String =
            text.trim().chars().filter(|char| !matches!(char, ' ' | '-' | '.' | '(' | ')' | '/')).collect();
        let fits = number.strip_prefix('+').is_some_and(|digits| {
            (7..=15).contains(&digits.len())
                && !digits.starts_with('0')
                && digits.bytes().all(|byte| byte.is_ascii_digit())
        });
        if fits {
            Ok(Self(number))
        } else {
            Err(Invalid::new("invalid_phone", "A phone number has + and the country code, such as +49 30 901820."))
        }
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

text_views!(Phone);
string_value!(
    Phone,
    schemars::json_schema!({ "type": "string", "minLength": 8, "maxLength": 32, "examples": ["+4930901820"] })
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_without_its_spacing() {
        assert_eq!(Phone::parse(" +49 (30) 9018-20 ").unwrap().as_str(), "+4930901820");
    }

    #[test]
    fn a_number_needs_its_country_code() {
        for refused in ["", "+", "030 901820", "+0301234567", "+49x30901820", "+123456", "+1234567890123456"] {
            assert!(Phone::parse(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_number_does_not_reach_a_log() {
        assert_eq!(format!("{:?}", Phone::parse("+4930901820").unwrap()), "Phone(…)");
    }
}
