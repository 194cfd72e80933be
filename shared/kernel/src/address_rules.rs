//! What addresses look like, country by country.

use schemars::JsonSchema;
use serde::Serialize;

use crate::CountryCode;

/// What an address in one country has to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AddressRules {
    /// The codes a region is chosen from; empty where a region is free text and may be left out.
    pub regions: &'static [&'static str],
    /// False where no postal codes are in use.
    pub postal_code_required: bool,
    /// Forms of a postal code: `9` is a digit, `A` a letter, all else stands for itself. Empty: not checked.
    pub postal_code_formats: &'static [&'static str],
}

const US_STATES: &[&str] = &[
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
    "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
    "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "AS", "GU", "MP", "PR", "VI", "AA",
    "AE", "AP",
];
const CA_PROVINCES: &[&str] = &["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"];
const AU_STATES: &[&str] = &["ACT", "NSW", "NT", "QLD", "SA", "TAS", "VIC", "WA"];

impl AddressRules {
    pub(crate) fn of(country: CountryCode) -> Self {
        let code = country.as_str();
        let regions = match code {
            "US" => US_STATES,
            "CA" => CA_PROVINCES,
            "AU" => AU_STATES,
            _ => &[],
        };
        let postal_code_formats: &[&str] = match code {
            "AT" | "AU" | "BE" | "BG" | "CH" | "CY" | "DK" | "HU" | "LI" | "LU" | "NO" | "NZ" | "SI" => &["9999"],
            "DE" | "EE" | "ES" | "FI" | "FR" | "HR" | "IT" | "MX" => &["99999"],
            "RO" | "IN" | "SG" => &["999999"],
            "CZ" | "GR" | "SE" | "SK" => &["999 99"],
            "US" => &["99999", "99999-9999"],
            "CA" => &["A9A 9A9"],
            "GB" => &["A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA"],
            "NL" => &["9999 AA"],
            "PL" => &["99-999"],
            "PT" => &["9999-999"],
            "BR" => &["99999-999"],
            "JP" => &["999-9999"],
            "LV" => &["LV-9999"],
            "LT" => &["LT-99999"],
            "MT" => &["AAA 9999"],
            _ => &[],
        };
        let postal_code_required = !matches!(
            code,
            "AE" | "AG"
                | "AO"
                | "AW"
                | "BO"
                | "BS"
                | "BZ"
                | "FJ"
                | "GH"
                | "GM"
                | "HK"
                | "JM"
                | "MO"
                | "QA"
                | "UG"
                | "ZW"
        );
        Self { regions, postal_code_required, postal_code_formats }
    }

    /// A postal code as the country writes it; none if it has no form the country knows.
    pub(crate) fn postal_code(self, text: &str) -> Option<String> {
        let text = text.to_uppercase();
        if self.postal_code_formats.is_empty() {
            return (!text.is_empty() || !self.postal_code_required).then_some(text);
        }
        self.postal_code_formats.iter().find_map(|format| fill(format, &text))
    }

    /// A region as the country writes it; none if the country has a list and this is not on it.
    pub fn region(self, text: &str) -> Option<String> {
        if self.regions.is_empty() {
            return Some(text.to_owned());
        }
        self.regions.iter().find(|region| region.eq_ignore_ascii_case(text)).map(|region| (*region).to_owned())
    }
}

/// Lays the letters and digits of `text` into `format`, whatever separators either has.
fn fill(format: &str, text: &str) -> Option<String> {
    let is_separator = |char: char| matches!(char, ' ' | '-');
    let mut given = text.chars().filter(|char| !is_separator(*char));
    let mut filled = String::new();
    for slot in format.chars() {
        let char = if is_separator(slot) { slot } else { given.next()? };
        let fits = match slot {
            '9' => char.is_ascii_digit(),
            'A' => char.is_ascii_uppercase(),
            literal => char == literal,
        };
        if !fits {
            return None;
        }
        filled.push(char);
    }
    given.next().is_none().then_some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(country: &str) -> AddressRules {
        CountryCode::parse(country).unwrap().address_rules()
    }

    #[test]
    fn a_postal_code_is_written_as_its_country_does() {
        for (country, typed, written) in [
            ("DE", "10115", "10115"),
            ("NL", "1017ab", "1017 AB"),
            ("GB", "sw1a1aa", "SW1A 1AA"),
            ("GB", "M1 1AE", "M1 1AE"),
            ("US", "94103 1234", "94103-1234"),
            ("PL", "00950", "00-950"),
            ("LV", "lv 1010", "LV-1010"),
            ("IE", "d02 x285", "D02 X285"),
            ("AT", "10-10", "1010"),
            ("RO", "010 011", "010011"),
            ("SE", "11455", "114 55"),
            ("CA", "k1a0b1", "K1A 0B1"),
            ("PT", "1000001", "1000-001"),
            ("BR", "01310100", "01310-100"),
            ("JP", "1000001", "100-0001"),
            ("LT", "lt01001", "LT-01001"),
            ("MT", "vlt1117", "VLT 1117"),
            ("HK", "", ""),
        ] {
            assert_eq!(rules(country).postal_code(typed).as_deref(), Some(written));
        }
    }

    #[test]
    fn a_postal_code_of_another_form_is_refused() {
        for (country, typed) in
            [("DE", "1011"), ("DE", "101155"), ("DE", "10l15"), ("US", "9410"), ("IE", ""), ("DE", "")]
        {
            assert_eq!(rules(country).postal_code(typed), None, "{country} {typed}");
        }
    }

    #[test]
    fn a_region_is_on_the_list_where_there_is_one() {
        assert_eq!(rules("US").region("ca").as_deref(), Some("CA"));
        assert_eq!(rules("US").region("California"), None);
        assert_eq!(rules("CA").region("on").as_deref(), Some("ON"));
        assert_eq!(rules("AU").region("Victoria"), None);
        assert_eq!(rules("DE").region("Bayern").as_deref(), Some("Bayern"));
    }
}
