//! Stock-keeping units.

use crate::Invalid;
use crate::string_value::{string_value, text_views};

/// The shop's own name for one thing that can be bought: 1 to 64 letters, digits, dots, underscores or hyphens, a letter or digit
/// first: a path takes `.` and `..` away.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sku(String);

impl Sku {
    /// Reads a SKU; capitals matter and nothing is trimmed.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let fits = text.len() <= 64
            && text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new(
                "invalid_sku",
                "A SKU is 1 to 64 letters, digits, dots, underscores or hyphens, a letter or digit first.",
            ))
        }
    }
}

text_views!(Sku);
string_value!(
    Sku,
    schemars::json_schema!({
        "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", "examples": ["TEA-DARJEELING-250"],
    })
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sku_keeps_to_its_alphabet_and_length() {
        for taken in ["a", "TEA-250_g.v2", "7", &"x".repeat(64)] {
            assert_eq!(Sku::parse(taken).unwrap().as_str(), taken);
        }
        for refused in ["", " a", "a b", "a#b", "ä", "a/b", ".", "..", "-a", "_a", &"x".repeat(65)] {
            assert!(Sku::parse(refused).is_err(), "{refused}");
        }
    }
}
