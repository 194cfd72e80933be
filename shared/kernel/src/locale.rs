//! Languages the shop speaks.

use std::fmt;

use crate::Invalid;
use crate::string_value::string_value;

/// A language the shop writes mails in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Locale {
    /// All languages, the default first.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// Reads a language tag of the list.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|locale| locale.as_str() == text)
            .ok_or_else(|| Invalid::new("invalid_locale", "The locale is one of: en, de."))
    }

    /// The language tag.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

string_value!(Locale, schemars::json_schema!({ "type": "string", "enum": Self::ALL.map(Self::as_str) }));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_one_of_the_list() {
        for locale in Locale::ALL {
            assert_eq!(Locale::parse(&locale.to_string()), Ok(locale));
        }
        assert!(Locale::parse("DE").is_err());
        assert!(Locale::parse("fr").is_err());
    }
}
