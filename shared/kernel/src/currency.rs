//! ISO 4217 currencies that money can be counted in.

use std::fmt;

use crate::Invalid;
use crate::string_value::string_value;

/// A currency with a minor unit; funds, metals and test codes of ISO 4217 are not money to a shop.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Euro.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);
    /// US dollar.
    pub const USD: Self = Self(iso_currency::Currency::USD);
    /// Pound sterling.
    pub const GBP: Self = Self(iso_currency::Currency::GBP);
    /// Yen, which has no decimals.
    pub const JPY: Self = Self(iso_currency::Currency::JPY);
    /// Kuwaiti dinar, which has three decimals.
    pub const KWD: Self = Self(iso_currency::Currency::KWD);

    /// Reads a three-letter code in capitals.
    pub fn parse(code: &str) -> Result<Self, Invalid> {
        iso_currency::Currency::from_code(code)
            .filter(|found| found.code() == code && found.exponent().is_some())
            .filter(|found| !found.is_fund() && !found.is_special())
            .map(Self)
            .ok_or_else(|| Invalid::new("invalid_currency", "A currency is an ISO 4217 code in capitals, such as EUR."))
    }

    /// The three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals the currency has: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

string_value!(
    Currency,
    schemars::json_schema!({
        "type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217 currency code", "examples": ["EUR"],
    })
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_follow_iso_4217() {
        let exponents = ["EUR", "JPY", "KWD", "CLP"].map(|code| Currency::parse(code).map(Currency::exponent));
        assert_eq!(exponents, [Ok(2), Ok(0), Ok(3), Ok(0)]);
    }

    #[test]
    fn only_money_in_capitals_is_a_currency() {
        for refused in ["eur", "EU", "EURO", "XAU", "XXX", "CLF", "", "€"] {
            assert!(Currency::parse(refused).is_err(), "{refused}");
        }
    }
}
