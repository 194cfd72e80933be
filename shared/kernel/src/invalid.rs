//! Why a text or number from outside is not a value.

use std::borrow::Cow;

/// A refusal: a stable code for programs and a sentence for people. It never repeats the input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail} ({code})")]
pub struct Invalid {
    code: &'static str,
    detail: Cow<'static, str>,
}

impl Invalid {
    /// Every code that a parser of this crate answers with.
    pub const CODES: &[&str] = &[
        "invalid_address",
        "invalid_country",
        "invalid_currency",
        "invalid_email",
        "invalid_id",
        "invalid_locale",
        "invalid_phone",
        "invalid_postal_code",
        "invalid_price",
        "invalid_quantity",
        "invalid_sku",
        "invalid_slug",
        "invalid_text",
        "invalid_time",
        "required",
        "too_long",
        "too_short",
    ];

    /// A refusal with its code and sentence.
    pub fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The stable code, such as `invalid_sku`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The sentence for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Finds the refusal inside a deserialiser's message, which may have added a position behind it.
    ///
    /// Serde errors carry text only, so `Display` writes `sentence (code)` and this reads it back.
    pub fn read_back(message: &str) -> Option<Self> {
        Self::CODES.iter().find_map(|code| {
            let at = message.rfind(&format!(" ({code})"))?;
            Some(Self::new(code, message[..at].to_owned()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_back_from_a_message_with_a_position() {
        let refusal = Invalid::new("invalid_sku", "A SKU has letters (or digits).");
        assert_eq!((refusal.code(), refusal.detail()), ("invalid_sku", "A SKU has letters (or digits)."));
        assert_eq!(Invalid::read_back(&format!("{refusal} at line 1 column 9")), Some(refusal));
    }

    #[test]
    fn another_message_is_not_a_refusal() {
        assert_eq!(Invalid::read_back("invalid type: map, expected a string (see docs)"), None);
    }
}
