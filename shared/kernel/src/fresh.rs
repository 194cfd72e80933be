//! The clock and the dice: the only place that reads either. Wiring passes these functions on; nothing else calls them.

use ulid::Ulid;

use crate::Timestamp;

/// The time now.
#[allow(clippy::disallowed_methods, reason = "the one reader of the clock")]
pub fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

/// A new ULID of now.
#[allow(clippy::disallowed_methods, reason = "the one source of randomness")]
pub fn ulid() -> Ulid {
    Ulid::new()
}

/// A new id of any kind: `fresh::id::<OrderId>`.
pub fn id<I: From<Ulid>>() -> I {
    ulid().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OrderId;

    #[test]
    fn no_two_fresh_ids_are_equal() {
        assert_ne!(id::<OrderId>(), id::<OrderId>());
    }
}
