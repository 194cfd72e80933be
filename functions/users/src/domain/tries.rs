use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Email, Timestamp};

/// Tries are counted in windows of a quarter of an hour, which begin with the clock's.
const WINDOW_SECONDS: i64 = 900;

/// What is tried. Each kind is counted by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryKind {
    SignIn,
    /// Entering a code, from a mail or an authenticator app.
    Code,
    /// Asking for a mail that lets the password be replaced.
    Reset,
    /// Asking for a mail with a confirmation code.
    Register,
}

impl TryKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Code => "code",
            Self::Reset => "reset",
            Self::Register => "register",
        }
    }
}

/// Tries of one kind in one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub per_account: u32,
    pub per_ip: u32,
}

/// The stretch of time in which tries count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub start: Timestamp,
}

impl Window {
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        let seconds = now.epoch_seconds();
        Self { start: Timestamp::from_epoch_seconds(seconds - seconds.rem_euclid(WINDOW_SECONDS)) }
    }

    #[must_use]
    pub fn end(self) -> Timestamp {
        self.start.plus_seconds(WINDOW_SECONDS)
    }

    /// Seconds to wait for the next window: at least one.
    #[must_use]
    pub fn seconds_left(self, now: Timestamp) -> u32 {
        u32::try_from(self.end().seconds_since(now).max(1)).unwrap_or(1)
    }
}

/// The tries of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    pub kind: TryKind,
    /// The pseudonym of an address or of a caller's IP.
    pub subject: String,
    pub window: Window,
    pub limit: u32,
}

impl Counter {
    /// Where a try is counted: at the address that it is about, whoever has it, and at whoever tries.
    #[must_use]
    pub fn of(kind: TryKind, email: &Email, ip: Option<&str>, limits: Limits, now: Timestamp) -> Vec<Self> {
        let window = Window::at(now);
        let counter = |subject: &str, limit| Self { kind, subject: pseudonym(subject), window, limit };
        let account = counter(email.as_str(), limits.per_account);
        std::iter::once(account).chain(ip.map(|ip| counter(ip, limits.per_ip))).collect()
    }
}

/// Stands for an address or an IP where a row is found by it and need not name it. Whoever guesses the subject can check the guess, and of
/// IPv4 addresses there are few enough to try them all: it is no less personal than its subject, only not to be read off.
pub(crate) fn pseudonym(subject: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, subject.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { per_account: 10, per_ip: 100 };

    fn counters(email: &str, ip: Option<&str>) -> Vec<Counter> {
        Counter::of(TryKind::SignIn, &email.parse().unwrap(), ip, LIMITS, testkit::now())
    }

    #[test]
    fn a_try_counts_at_the_account_and_at_the_caller() {
        let both = counters("ada@example.com", Some("203.0.113.7"));
        assert_eq!(both.iter().map(|counter| counter.limit).collect::<Vec<_>>(), [10, 100]);
        assert_ne!(both[0].subject, both[1].subject);
        assert_eq!(counters("Ada@Example.com", None), both[..1]);
    }

    #[test]
    fn a_counter_does_not_spell_out_who_it_is_about() {
        assert!(!format!("{:?}", counters("ada@example.com", Some("203.0.113.7"))).contains("ada"));
    }

    #[test]
    fn a_window_is_a_quarter_of_an_hour_of_the_clock() {
        let window = Window::at(Timestamp::parse("2026-11-23T12:29:59.999Z").unwrap());
        assert_eq!(window.start.to_string(), "2026-11-23T12:15:00.000Z");
        assert_eq!(Window::at(window.end()).start, window.end());
        assert_eq!(Window::at(window.start), window);
    }

    #[test]
    fn whoever_is_refused_waits_for_the_next_window() {
        let window = Window::at(testkit::now());
        assert_eq!(window.seconds_left(window.start), 900);
        assert_eq!(window.seconds_left(window.end().plus_seconds(-1)), 1);
        assert_eq!(window.seconds_left(window.end()), 1);
    }
}
