//! Postal addresses.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{AddressInput, CountryCode, Fault, Invalid, Phone, Text};

/// An address that a parcel can be sent to; `Debug` shows only the country.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Address {
    /// Who receives.
    pub name: Text<1, 100>,
    /// Street and number.
    pub line1: Text<1, 200>,
    /// Flat, floor, company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line2: Option<Text<1, 200>>,
    /// City.
    pub city: Text<1, 100>,
    /// State or province; a code of the country's list where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Text<1, 100>>,
    /// Postal code as the country writes it; empty only where none is in use.
    pub postal_code: Text<0, 16>,
    /// Country.
    pub country: CountryCode,
    /// For the carrier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
}

/// What stands in the place of what was erased.
const ERASED: &str = "erased";

impl Address {
    /// Leaves of the address what taxes depend on: country, region and postal code.
    ///
    /// # Panics
    /// Never: the word fits everywhere.
    #[must_use]
    pub fn erased(&self) -> Self {
        fn erased<const MAX: usize>() -> Text<1, MAX> {
            Text::parse(ERASED).expect("the word is a text")
        }
        Self { name: erased(), line1: erased(), line2: None, city: erased(), phone: None, ..self.clone() }
    }
}

impl TryFrom<AddressInput> for Address {
    type Error = Vec<Fault>;

    fn try_from(input: AddressInput) -> Result<Self, Self::Error> {
        input.check()
    }
}

impl<'de> Deserialize<'de> for Address {
    /// Tells the first fault only; endpoints that tell all take an [`AddressInput`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        AddressInput::deserialize(deserializer)?.check().map_err(|faults| {
            let first = faults.first().map(|fault| {
                let field = fault.pointer.trim_start_matches('/');
                Invalid::new(fault.code, format!("{field}: {}", fault.detail))
            });
            serde::de::Error::custom(
                first.unwrap_or_else(|| Invalid::new("invalid_address", "The address is invalid.")),
            )
        })
    }
}

impl JsonSchema for Address {
    fn schema_name() -> Cow<'static, str> {
        AddressInput::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        AddressInput::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        AddressInput::json_schema(generator)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({}, …)", self.country)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input() -> AddressInput {
        AddressInput {
            name: " Ada Lovelace ".into(),
            line1: "Chausseestraße 1".into(),
            line2: Some("  ".into()),
            city: "Berlin".into(),
            region: None,
            postal_code: "10115".into(),
            country: "DE".into(),
            phone: Some("+49 30 901820".into()),
        }
    }

    #[test]
    fn an_address_is_kept_tidy() {
        let address = input().check().unwrap();
        assert_eq!(
            serde_json::to_value(&address).unwrap(),
            serde_json::json!({
                "name": "Ada Lovelace", "line1": "Chausseestraße 1", "city": "Berlin",
                "postal_code": "10115", "country": "DE", "phone": "+4930901820",
            })
        );
        let again: Address = serde_json::from_value(serde_json::to_value(&address).unwrap()).unwrap();
        assert_eq!(again, address);
    }

    #[test]
    fn all_faults_of_an_address_are_told_at_once() {
        let bad = AddressInput { name: String::new(), postal_code: "1".into(), phone: Some("911".into()), ..input() };
        let faults = bad.check().unwrap_err();
        let told: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(told, [("/name", "required"), ("/postal_code", "invalid_postal_code"), ("/phone", "invalid_phone")]);
    }

    #[test]
    fn an_address_without_its_postal_code_is_told_so_and_not_that_the_form_is_wrong() {
        let faults = AddressInput { postal_code: String::new(), ..input() }.check().unwrap_err();
        assert_eq!((faults[0].pointer.as_str(), faults[0].code), ("/postal_code", "required"));
    }

    #[test]
    fn an_unknown_country_is_one_fault() {
        let faults = AddressInput { country: "UK".into(), ..input() }.check().unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["invalid_country"]);
    }

    #[test]
    fn a_state_is_asked_for_where_tax_depends_on_it() {
        let us = AddressInput { country: "US".into(), postal_code: "94103".into(), ..input() };
        assert_eq!(us.check().unwrap_err()[0].code, "required");
        let us = AddressInput { region: Some("ca".into()), ..us };
        assert_eq!(us.check().unwrap().region.unwrap().as_str(), "CA");
    }

    #[test]
    fn unknown_fields_are_refused_and_faults_are_named() {
        let mut json = serde_json::to_value(input().check().unwrap()).unwrap();
        json["postal_code"] = "x".into();
        let error = serde_json::from_value::<Address>(json.clone()).unwrap_err().to_string();
        assert_eq!(Invalid::read_back(&error).unwrap().code(), "invalid_postal_code");
        json["zip"] = "10115".into();
        assert!(serde_json::from_value::<Address>(json).is_err());
    }

    #[test]
    fn an_address_does_not_reach_a_log() {
        let debug = format!("{:?} {:?}", input(), input().check().unwrap());
        assert_eq!(debug, "AddressInput(…) Address(DE, …)");
    }

    #[test]
    fn an_address_and_its_input_have_one_schema() {
        let mut generator = SchemaGenerator::default();
        let both = [generator.subschema_for::<Address>(), generator.subschema_for::<AddressInput>()];
        assert_eq!(both[0], both[1]);
        let schema = &generator.definitions()["Address"];
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["required"], serde_json::json!(["name", "line1", "city", "postal_code", "country"]));
    }
}
