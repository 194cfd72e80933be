//! Instants, as the API and the tables write them.

use std::fmt;

use crate::Invalid;
use crate::string_value::string_value;

const FIRST_MILLIS: i64 = 0;
/// The last that the calendar below us can write, a day before the year 9999 ends.
const LAST_MILLIS: i64 = 253_402_207_200_000;

/// An instant to the millisecond, from 1970 to 9999, written `2026-11-23T05:07:25.123Z`.
///
/// All are written with the same length, so they sort as text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Reads RFC 3339; another offset becomes UTC, digits beyond the millisecond are cut off.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let refusal = || Invalid::new("invalid_time", "A time is RFC 3339, such as 2026-11-23T05:07:25Z.");
        let instant: jiff::Timestamp = text.parse().map_err(|_| refusal())?;
        let millis = instant.as_millisecond();
        if (FIRST_MILLIS..=LAST_MILLIS).contains(&millis) { Ok(Self(millis)) } else { Err(refusal()) }
    }

    /// The instant `millis` after 1970 began, or the nearest that can be written.
    pub const fn from_epoch_millis(millis: i64) -> Self {
        Self(if millis < FIRST_MILLIS {
            FIRST_MILLIS
        } else if millis > LAST_MILLIS {
            LAST_MILLIS
        } else {
            millis
        })
    }

    /// The instant `seconds` after 1970 began, or the nearest that can be written.
    pub const fn from_epoch_seconds(seconds: i64) -> Self {
        Self::from_epoch_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970 began.
    pub const fn epoch_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970 began.
    pub const fn epoch_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The instant `seconds` later, or earlier if negative.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_epoch_millis(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Whole seconds from `earlier` to this instant; negative if it is not earlier.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(1000)
    }

    /// The hour in UTC, such as `2026-11-23T05`.
    pub fn hour_bucket(self) -> String {
        let mut text = self.to_string();
        text.truncate("2026-11-23T05".len());
        text
    }

    /// The day in UTC, such as `2026-11-23`.
    pub fn utc_date(self) -> String {
        let mut text = self.to_string();
        text.truncate("2026-11-23".len());
        text
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self::from_epoch_millis(instant.as_millisecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = jiff::Timestamp::from_millisecond(self.0).expect("the range is within jiff's");
        write!(f, "{instant:.3}")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

string_value!(
    Timestamp,
    schemars::json_schema!({
        "type": "string", "format": "date-time", "examples": ["2026-11-23T05:07:25.123Z"],
    })
);

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_time_is_written_in_utc_with_milliseconds() {
        let written = ["2026-11-23T05:07:25Z", "2026-11-23T06:07:25.1239+01:00", "1970-01-01T00:00:00.5Z"]
            .map(|text| time(text).to_string());
        assert_eq!(written, ["2026-11-23T05:07:25.000Z", "2026-11-23T05:07:25.123Z", "1970-01-01T00:00:00.500Z"]);
    }

    #[test]
    fn a_time_reads_what_it_wrote() {
        for millis in [0, 1, LAST_MILLIS, 1_795_410_445_123] {
            let at = Timestamp::from_epoch_millis(millis);
            assert_eq!(time(&at.to_string()), at);
            assert_eq!(at.to_string().len(), "2026-11-23T05:07:25.123Z".len());
        }
    }

    #[test]
    fn what_is_not_an_instant_is_refused() {
        for refused in ["", "2026-11-23", "2026-11-23T05:07:25", "1969-12-31T23:59:59Z", "-000001-01-01T00:00:00Z"] {
            assert!(Timestamp::parse(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn times_far_away_stop_at_the_bounds() {
        let now = time("2026-11-23T05:07:25Z");
        assert_eq!(now.plus_seconds(i64::MAX).epoch_millis(), LAST_MILLIS);
        assert_eq!(now.plus_seconds(i64::MIN).epoch_millis(), FIRST_MILLIS);
    }

    #[test]
    fn a_bucket_is_the_hour_in_utc() {
        assert_eq!(time("2026-11-23T06:59:59.999+01:00").hour_bucket(), "2026-11-23T05");
        assert_eq!(time("2026-11-23T06:59:59.999+01:00").utc_date(), "2026-11-23");
    }

    #[test]
    fn seconds_are_counted_between_times() {
        let now = time("2026-11-23T05:07:25Z");
        assert_eq!(now.plus_seconds(900).seconds_since(now), 900);
        assert_eq!(now.plus_seconds(-900).seconds_since(now), -900);
        assert_eq!(now.epoch_seconds() * 1000, now.epoch_millis());
    }
}
