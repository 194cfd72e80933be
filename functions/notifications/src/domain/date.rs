use kernel::{Locale, Timestamp};

const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const GERMAN: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

/// The day of `time` (UTC) as people of `locale` write it: `30 November 2026`, `30. November 2026`.
#[must_use]
pub fn date(time: Timestamp, locale: Locale) -> String {
    let iso = time.utc_date();
    let parts: Vec<usize> = iso.split('-').filter_map(|part| part.parse().ok()).collect();
    let [year, month @ 1..=12, day] = parts[..] else { return iso };
    match locale {
        Locale::En => format!("{day} {} {year}", ENGLISH[month - 1]),
        Locale::De => format!("{day}. {} {year}", GERMAN[month - 1]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_the_language_writes_it() {
        let day = Timestamp::parse("2027-03-01T23:59:59Z").unwrap();
        assert_eq!(Locale::ALL.map(|locale| date(day, locale)), ["1 March 2027", "1. März 2027"]);
    }
}
