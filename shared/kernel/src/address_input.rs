//! Addresses as people type them.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Address, CountryCode, Fault, Faults, Invalid, Phone, Text};

/// An address as someone typed it, not yet checked.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Address")]
pub struct AddressInput {
    /// Who receives.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// Street and number.
    #[schemars(length(min = 1, max = 200))]
    pub line1: String,
    /// Flat, floor, company.
    #[schemars(length(max = 200))]
    pub line2: Option<String>,
    /// City.
    #[schemars(length(min = 1, max = 100))]
    pub city: String,
    /// State or province: a code where `GET /shop` lists them, else free text.
    #[schemars(length(max = 100))]
    pub region: Option<String>,
    /// Postal code; empty only where the country has none.
    #[schemars(length(max = 16))]
    pub postal_code: String,
    /// ISO 3166-1 alpha-2 code, such as DE.
    #[schemars(with = "CountryCode")]
    pub country: String,
    /// International number, such as +49 30 901820.
    #[schemars(length(max = 32))]
    pub phone: Option<String>,
}

impl AddressInput {
    /// Checks the address and answers all faults at once, with pointers such as `/postal_code`.
    pub fn check(&self) -> Result<Address, Vec<Fault>> {
        let mut faults = Faults::new();
        let name = faults.check("/name", Text::parse(&self.name));
        let line1 = faults.check("/line1", Text::parse(&self.line1));
        let line2 = faults.check("/line2", optional(self.line2.as_deref(), Text::parse));
        let city = faults.check("/city", Text::parse(&self.city));
        let country = faults.check("/country", CountryCode::parse(&self.country));
        let region = faults.check("/region", region(self.region.as_deref(), country));
        let postal_code = faults.check("/postal_code", postal_code(&self.postal_code, country));
        let phone = faults.check("/phone", optional(self.phone.as_deref(), Phone::parse));
        match (name, line1, line2, city, region, postal_code, country, phone) {
            (
                Some(name),
                Some(line1),
                Some(line2),
                Some(city),
                Some(region),
                Some(postal_code),
                Some(country),
                Some(phone),
            ) => Ok(Address { name, line1, line2, city, region, postal_code, country, phone }),
            _ => Err(faults.into_vec()),
        }
    }
}

/// A field that may be missing, and counts as missing when it is blank.
fn optional<T>(text: Option<&str>, parse: fn(&str) -> Result<T, Invalid>) -> Result<Option<T>, Invalid> {
    text.filter(|text| !text.trim().is_empty()).map(parse).transpose()
}

/// Without a country there is no list to choose from, and the country's own fault is told.
fn region(text: Option<&str>, country: Option<CountryCode>) -> Result<Option<Text<1, 100>>, Invalid> {
    let region = optional(text, Text::<1, 100>::parse)?;
    let Some(rules) = country.map(CountryCode::address_rules) else {
        return Ok(region);
    };
    match region {
        Some(region) => match rules.region(region.as_str()) {
            Some(written) => Text::parse(&written).map(Some),
            None => Err(Invalid::new("invalid_address", "The region is a code of the country's list.")),
        },
        None if rules.regions.is_empty() => Ok(None),
        None => Err(Invalid::new("required", "An address in this country has a region.")),
    }
}

fn postal_code(text: &str, country: Option<CountryCode>) -> Result<Text<0, 16>, Invalid> {
    let postal_code = Text::<0, 16>::parse(text)?;
    let Some(rules) = country.map(CountryCode::address_rules) else {
        return Ok(postal_code);
    };
    match rules.postal_code(postal_code.as_str()) {
        Some(written) => Text::parse(&written),
        None if postal_code.as_str().is_empty() => Err(Invalid::new("required", "The text must not be empty.")),
        None => Err(Invalid::new("invalid_postal_code", "The country writes its postal codes in another form.")),
    }
}

impl fmt::Debug for AddressInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressInput(…)")
    }
}
