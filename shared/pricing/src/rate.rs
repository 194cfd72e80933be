//! Rates as people read them.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A percentage in hundredths, written as a decimal: 1900 is `"19"`, 550 is `"5.5"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rate(u32);

impl Rate {
    /// A rate of `bps` hundredths of a percent.
    pub const fn from_bps(bps: u32) -> Self {
        Self(bps)
    }

    /// Hundredths of a percent.
    pub const fn bps(self) -> u32 {
        self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || part.len() > 2 || !is_number(whole) || !is_number(part) {
            return None;
        }
        format!("{whole}{part:0<2}").parse().ok().map(Self)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        match (part, part % 10) {
            (0, _) => write!(f, "{whole}"),
            (_, 0) => write!(f, "{whole}.{}", part / 10),
            _ => write!(f, "{whole}.{part:02}"),
        }
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a rate is a percentage such as 5.5"))
    }
}

impl JsonSchema for Rate {
    fn schema_name() -> Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,2})?$",
            "description": "Percentage as a decimal", "examples": ["19", "5.5"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_written_as_a_percentage_without_idle_zeros() {
        for (bps, written) in [(0, "0"), (1900, "19"), (550, "5.5"), (888, "8.88"), (705, "7.05"), (10_000, "100")] {
            assert_eq!((Rate::from_bps(bps).to_string().as_str(), Rate::from_bps(bps).bps()), (written, bps));
            assert_eq!(serde_json::from_value::<Rate>(written.into()).unwrap(), Rate::from_bps(bps));
        }
    }

    #[test]
    fn what_is_no_percentage_is_refused() {
        for refused in ["", ".5", "1.234", "-1", "+1", "1e2", "19%", "99999999999"] {
            assert!(serde_json::from_value::<Rate>(refused.into()).is_err(), "{refused}");
        }
    }
}
