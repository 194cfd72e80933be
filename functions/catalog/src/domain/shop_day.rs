//! Days as the shop counts them: those of its time zone.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// A day of the shop's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShopDay(Date);

/// An instant, and the day of the shop that it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub at: Timestamp,
    pub day: ShopDay,
}

/// The shop's time zone, by its IANA name. The rules of all zones are part of the function: where it runs, there may be none.
#[derive(Debug, Clone)]
pub struct ShopZone(TimeZone);

/// A zone that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not the name of a time zone, such as Europe/Berlin")]
pub struct UnknownZone(String);

impl FromStr for ShopZone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        TimeZone::get(name).map(Self).map_err(|_| UnknownZone(name.to_owned()))
    }
}

impl ShopZone {
    /// `at` with its day.
    ///
    /// # Panics
    /// Never: the instants that a [`Timestamp`] can hold are within the calendar.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> Moment {
        let instant = jiff::Timestamp::from_millisecond(at.epoch_millis()).expect("a timestamp is within the calendar");
        Moment { at, day: ShopDay(self.0.to_datetime(instant).date()) }
    }
}

impl ShopDay {
    /// The day so many days earlier, or the first of all.
    #[must_use]
    pub fn days_before(self, days: u16) -> Self {
        Self(self.0.saturating_sub(i64::from(days).days()))
    }
}

impl fmt::Display for ShopDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(zone: &str, at: &str) -> String {
        zone.parse::<ShopZone>().unwrap().moment(at.parse().unwrap()).day.to_string()
    }

    #[test]
    fn a_day_begins_at_the_shop_s_midnight_whatever_the_season() {
        for (at, expected) in [
            ("2026-11-23T22:59:59.999Z", "2026-11-23"),
            ("2026-11-23T23:00:00Z", "2026-11-24"),
            ("2026-07-23T21:59:59.999Z", "2026-07-23"),
            ("2026-07-23T22:00:00Z", "2026-07-24"),
        ] {
            assert_eq!(day("Europe/Berlin", at), expected, "{at}");
        }
        assert_eq!(day("America/Los_Angeles", "2026-11-23T07:59:59Z"), "2026-11-22");
    }

    #[test]
    fn thirty_days_before_may_be_in_another_month() {
        let today = "UTC".parse::<ShopZone>().unwrap().moment("2026-03-10T12:00:00Z".parse().unwrap()).day;
        assert_eq!(today.days_before(30).to_string(), "2026-02-08");
    }

    #[test]
    fn a_zone_has_a_name_that_is_known() {
        for name in ["", "Berlin", "Europe/Atlantis"] {
            assert!(name.parse::<ShopZone>().is_err(), "{name}");
        }
    }
}
