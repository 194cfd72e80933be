//! Time and ids of a history: told, never asked for.

use std::cell::Cell;

use kernel::{Timestamp, Ulid, ulid_at};

thread_local! {
    static SECOND: Cell<i64> = const { Cell::new(0) };
    static IDS: Cell<u128> = const { Cell::new(0) };
}

pub(crate) fn restart() {
    SECOND.set(0);
    IDS.set(0);
}

/// Seconds since the history began.
pub(crate) fn second() -> i64 {
    SECOND.get()
}

pub(crate) fn pass(seconds: i64) {
    SECOND.set(SECOND.get() + seconds);
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_epoch_seconds(1_800_000_000 + SECOND.get())
}

pub(crate) fn new_id() -> Ulid {
    IDS.set(IDS.get() + 1);
    // In the part of the id that order numbers are made of.
    ulid_at(now(), IDS.get() << 30)
}
