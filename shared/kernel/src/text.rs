//! Text that people typed: trimmed, NFC, bounded, and free of characters that only hide things.

use unicode_normalization::UnicodeNormalization as _;

use crate::Invalid;
use crate::string_value::{string_value, text_views};

/// One line of text of `MIN` to `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

/// Text of `MIN` to `MAX` characters that may have several lines.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LongText<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// Trims and normalises one line.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text: String = text.trim().nfc().collect();
        if text.chars().any(is_hidden) {
            return Err(Invalid::new("invalid_text", "The text must be one line, without control characters."));
        }
        bounded(&text, MIN, MAX)?;
        Ok(Self(text))
    }
}

impl<const MIN: usize, const MAX: usize> LongText<MIN, MAX> {
    /// Trims and normalises the text; every line ends with `\n`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text: String = text.trim().replace("\r\n", "\n").nfc().collect();
        if text.chars().any(|char| char != '\n' && is_hidden(char)) {
            return Err(Invalid::new("invalid_text", "The text must have no control characters except line ends."));
        }
        bounded(&text, MIN, MAX)?;
        Ok(Self(text))
    }
}

fn bounded(text: &str, min: usize, max: usize) -> Result<(), Invalid> {
    let length = text.chars().count();
    if min > 0 && text.chars().all(is_invisible) {
        Err(Invalid::new("required", "The text must not be empty."))
    } else if length < min {
        Err(Invalid::new("too_short", format!("The text must have at least {min} characters.")))
    } else if length > max {
        Err(Invalid::new("too_long", format!("The text must have at most {max} characters.")))
    } else {
        Ok(())
    }
}

/// Control characters, line separators and the marks that reverse the direction of what follows.
fn is_hidden(char: char) -> bool {
    char.is_control() || matches!(char, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Spaces and what takes no ink: joiners, fillers, selectors, tags. They may stand among letters, and say nothing alone.
fn is_invisible(char: char) -> bool {
    char.is_whitespace()
        || matches!(
            char,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

text_views!(Text<const MIN: usize, const MAX: usize>);
text_views!(LongText<const MIN: usize, const MAX: usize>);

string_value!(
    Text<const MIN: usize, const MAX: usize>,
    schemars::json_schema!({ "type": "string", "minLength": MIN, "maxLength": MAX }),
    inline = true
);
string_value!(
    LongText<const MIN: usize, const MAX: usize>,
    schemars::json_schema!({ "type": "string", "minLength": MIN, "maxLength": MAX }),
    inline = true
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_and_composed() {
        assert_eq!(Text::<1, 10>::parse("  Cafe\u{301}\n").unwrap().as_str(), "Café");
        assert_eq!(LongText::<1, 10>::parse("a\r\nb ").unwrap().as_str(), "a\nb");
    }

    #[test]
    fn length_counts_characters_after_trimming() {
        let code = |text| Text::<2, 3>::parse(text).map_err(|invalid| invalid.code()).map(|_| ());
        assert_eq!([" äöü ", "äö"].map(code), [Ok(()), Ok(())]);
        assert!(Text::<0, 3>::parse("").is_ok());
        assert_eq!(code("   "), Err("required"));
        assert_eq!(code(" ä "), Err("too_short"));
        assert_eq!(code("äöüß"), Err("too_long"));
    }

    #[test]
    fn a_text_that_nobody_can_see_is_empty() {
        let code = |text| Text::<1, 10>::parse(text).map_err(|invalid| invalid.code()).map(|_| ());
        for blank in ["\u{200b}", "\u{200b} \u{feff}", "\u{2060}\u{ad}", "\u{3164}", "\u{2800}"] {
            assert_eq!(code(blank), Err("required"), "{blank:?}");
            assert!(LongText::<1, 10>::parse(blank).is_err(), "{blank:?}");
        }
        // Joiners shape letters and pictures.
        for seen in ["می\u{200c}خواهم", "👩\u{200d}🔬", "❤\u{fe0f}"] {
            assert_eq!(code(seen), Ok(()), "{seen}");
        }
    }

    #[test]
    fn hidden_characters_are_refused() {
        for refused in ["a\nb", "a\tb", "a\u{0}b", "a\u{202e}b", "a\u{2028}b", "a\u{7f}b"] {
            assert!(Text::<1, 10>::parse(refused).is_err(), "{refused:?}");
        }
        assert!(LongText::<1, 10>::parse("a\u{1b}b").is_err());
    }

    #[test]
    fn a_refused_text_says_why_in_json_too() {
        let error = serde_json::from_str::<Text<1, 3>>(r#""long text""#).unwrap_err();
        assert_eq!(Invalid::read_back(&error.to_string()).map(|invalid| invalid.code()), Some("too_long"));
    }

    #[test]
    fn texts_of_different_lengths_have_different_schemas() {
        let mut generator = schemars::SchemaGenerator::default();
        let schemas = [generator.subschema_for::<Text<1, 3>>(), generator.subschema_for::<Text<0, 9>>()];
        assert_eq!(schemas.map(|schema| schema.get("maxLength").cloned()), [Some(3.into()), Some(9.into())]);
    }
}
