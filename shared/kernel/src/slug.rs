//! Names in addresses of pages.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::Invalid;
use crate::string_value::{string_value, text_views};

const MAX_LENGTH: usize = 120;

/// Small letters and digits in words joined by single hyphens, at most 120 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(String);

impl Slug {
    /// Reads a slug as it is written.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if text.len() <= MAX_LENGTH && text.split('-').all(is_word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new(
                "invalid_slug",
                "A slug is at most 120 small letters and digits, in words joined by single hyphens.",
            ))
        }
    }

    /// The slug of a title; none if the title has no letter or digit that a slug can hold.
    pub fn from_title(title: &str) -> Option<Self> {
        let mut slug = String::new();
        for char in title.to_lowercase().nfkd().filter(|char| !is_combining_mark(*char) && *char != '\'') {
            let mut ascii = [0; 4];
            let piece = match char {
                'ß' => "ss",
                'æ' => "ae",
                'œ' => "oe",
                'ø' => "o",
                'ł' => "l",
                'ð' | 'đ' => "d",
                'þ' => "th",
                '’' => "",
                'a'..='z' | '0'..='9' => char.encode_utf8(&mut ascii),
                _ => "-",
            };
            if slug.len() + piece.len() > MAX_LENGTH {
                break;
            }
            if piece != "-" || !(slug.is_empty() || slug.ends_with('-')) {
                slug.push_str(piece);
            }
        }
        Self::parse(slug.trim_end_matches('-')).ok()
    }
}

text_views!(Slug);
string_value!(
    Slug,
    schemars::json_schema!({
        "type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": MAX_LENGTH,
        "examples": ["darjeeling-first-flush"],
    })
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slug_is_words_joined_by_single_hyphens() {
        for taken in ["tea", "tea-250-g", "7", &"x".repeat(120)] {
            assert!(Slug::parse(taken).is_ok(), "{taken}");
        }
        for refused in ["", "-tea", "tea-", "tea--g", "Tea", "té", "a b", &"x".repeat(121)] {
            assert!(Slug::parse(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_title_becomes_a_slug() {
        for (title, slug) in [
            ("Darjeeling, First Flush", "darjeeling-first-flush"),
            ("Crème brûlée – Größe XL!", "creme-brulee-grosse-xl"),
            ("The Baker's Peel", "the-bakers-peel"),
            ("½ litre", "1-2-litre"),
            ("Ærø, Łódź, Đà Nẵng, Þór, cœur: the baker’s", "aero-lodz-da-nang-thor-coeur-the-bakers"),
            (&"x".repeat(130), &"x".repeat(120)),
            (&format!("{} ß", "x".repeat(118)), &"x".repeat(118)),
        ] {
            assert_eq!(Slug::from_title(title).unwrap().as_str(), slug);
        }
        assert_eq!(Slug::from_title("茶 !"), None);
    }

    proptest! {
        #[test]
        fn what_comes_from_a_title_is_a_slug(title in ".{0,300}") {
            if let Some(slug) = Slug::from_title(&title) {
                prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug));
            }
        }
    }
}
