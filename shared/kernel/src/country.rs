//! Countries.

use std::fmt;

use crate::string_value::string_value;
use crate::{AddressRules, Invalid};

/// The ISO 3166-1 alpha-2 codes, in order.
const CODES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW \
    BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI \
    FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN \
    IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME \
    MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF \
    PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV \
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE \
    YT ZA ZM ZW";

/// A country that ISO 3166-1 lists, as two capitals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Reads two capitals that ISO 3166-1 lists.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text.as_bytes() {
            [first, second] if CODES.split(' ').any(|code| code == text) => Ok(Self([*first, *second])),
            _ => Err(Invalid::new("invalid_country", "A country is an ISO 3166-1 code in capitals, such as DE.")),
        }
    }

    /// All countries, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        CODES.split(' ').filter_map(|code| Self::parse(code).ok())
    }

    /// The two capitals.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("parse keeps two ASCII capitals")
    }

    /// What an address in this country looks like.
    pub fn address_rules(self) -> AddressRules {
        AddressRules::of(self)
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

string_value!(
    CountryCode,
    schemars::json_schema!({
        "type": "string", "pattern": "^[A-Z]{2}$", "description": "ISO 3166-1 alpha-2 code", "examples": ["DE"],
    })
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_on_the_list() {
        assert_eq!(CountryCode::parse("DE").unwrap().to_string(), "DE");
        for refused in ["de", "D", "DEU", "XX", "UK", "EU", "", "é", "E ", " D"] {
            assert!(CountryCode::parse(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn the_list_is_complete_and_in_order() {
        let all: Vec<_> = CountryCode::all().collect();
        assert_eq!(all.len(), 249);
        assert!(all.is_sorted());
    }
}
