//! How many of one thing.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::Invalid;

/// How many units of one SKU a cart or order line holds: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Quantity(u32);

impl Quantity {
    /// One unit.
    pub const ONE: Self = Self(1);
    /// The most units of one SKU.
    pub const MAX: Self = Self(100);

    /// A quantity from 1 to 100.
    pub fn new(units: i64) -> Result<Self, Invalid> {
        match u32::try_from(units) {
            Ok(units) if (Self::ONE.0..=Self::MAX.0).contains(&units) => Ok(Self(units)),
            _ => Err(Invalid::new("invalid_quantity", "A quantity is a whole number from 1 to 100.")),
        }
    }

    /// The number of units.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Both together, if one line can hold them.
    pub fn checked_add(self, other: Self) -> Result<Self, Invalid> {
        Self::new(i64::from(self.0) + i64::from(other.0))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": 100 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_from_one_to_a_hundred() {
        assert_eq!([1, 100].map(|units| Quantity::new(units).map(Quantity::get)), [Ok(1), Ok(100)]);
        for refused in ["0", "-1", "101", "4294967297", "1.5", "\"1\"", "99999999999999999999"] {
            assert!(serde_json::from_str::<Quantity>(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn quantities_add_up_to_a_hundred() {
        let sixty = Quantity::new(60).unwrap();
        assert_eq!(sixty.checked_add(Quantity::new(40).unwrap()), Ok(Quantity::MAX));
        assert!(sixty.checked_add(sixty).is_err());
    }

    #[test]
    fn a_quantity_is_written_and_described_as_the_number_that_it_is() {
        assert_eq!(Quantity::MAX.to_string(), "100");
        let schema = schemars::schema_for!(Quantity).to_value();
        assert_eq!(
            (&schema["type"], &schema["minimum"], &schema["maximum"]),
            (&"integer".into(), &1.into(), &100.into())
        );
    }
}
