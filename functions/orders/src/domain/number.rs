use std::fmt;

use kernel::OrderId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Characters of the id that make the number.
const LENGTH: usize = 10;
/// Characters between two dashes.
const GROUP: usize = 4;
/// A ULID's first ten characters are its time; the number tells nobody when, or how much, the shop sells.
const RANDOM_FROM: usize = 10;

/// What people call an order: short, easy to read out, without letters that look like digits (`S7K3-9QXM-2F`).
///
/// Fifty random bits: two orders may draw the same one, so a row per number keeps them apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct OrderNumber(String);

impl OrderNumber {
    /// The number that belongs to `id`.
    #[must_use]
    pub fn of(id: OrderId) -> Self {
        let ulid = id.ulid().to_string();
        let random: Vec<char> = ulid.chars().skip(RANDOM_FROM).take(LENGTH).collect();
        let groups: Vec<String> = random.chunks(GROUP).map(|group| group.iter().collect()).collect();
        Self(groups.join("-"))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_shows_ten_random_characters_of_the_id() {
        let id: OrderId = "ord_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap();
        let number = OrderNumber::of(id);
        assert_eq!((number.as_str(), number.to_string().as_str()), ("4T3N-9Q2R-SK", "4T3N-9Q2R-SK"));
    }

    #[test]
    fn a_number_does_not_tell_the_time() {
        let at = |seconds| OrderId::new(kernel::ulid_at(testkit::now().plus_seconds(seconds), 7 << 40));
        assert_eq!(OrderNumber::of(at(0)), OrderNumber::of(at(86_400)));
    }
}
