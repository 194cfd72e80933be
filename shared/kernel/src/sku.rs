//! Stock-keeping units.

use crate::Invalid;
use crate::string_value::{string_value, text_views};

/// The shop's own name for one thing that can be bought: 1 to 64 letters, digits, dots, underscores or hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sku(String);

impl Sku {
    /// Reads a SKU; capitals matter and nothing is trimmed.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("invalid_sku", "A SKU is 1 to 64 letters, digits, dots, underscores or hyphens."))
        }
    }
}

text_views!(Sku);
string_value!(
    Sku,
    schemars::json_schema!({
        "type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$", "examples": ["TEA-DARJEELING-250"],
    })
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sku_keeps_to_its_alphabet_and_length() {
        for taken in ["a", "TEA-250_g.v2", &"x".repeat(64)] {
            assert_eq!(Sku::parse(taken).unwrap().as_str(), taken);
        }
        for refused in ["", " a", "a b", "a#b", "ä", "a/b", &"x".repeat(65)] {
            assert!(Sku::parse(refused).is_err(), "{refused}");
        }
    }
}
