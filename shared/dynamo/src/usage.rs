use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use aws_sdk_dynamodb::types::ConsumedCapacity;

tokio::task_local! {
    static METER: Meter;
}

/// What the calls of one piece of work came to. Reads and writes are priced apart, so they are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Calls made, tries of the same write included; a read that the SDK repeats is one.
    pub calls: u32,
    pub read: Capacity,
    pub written: Capacity,
}

/// Capacity units, counted in halves: an eventually consistent read of up to 4 KB is half a unit, and nothing is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capacity(u64);

impl Capacity {
    #[must_use]
    pub const fn from_halves(halves: u64) -> Self {
        Self(halves)
    }

    /// As DynamoDB tells it.
    #[expect(
        clippy::float_arithmetic,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "DynamoDB tells capacity as a float; it is made an integer here, and only added as one"
    )]
    fn told(units: Option<f64>) -> Self {
        Self((units.unwrap_or_default() * 2.0).round() as u64)
    }

    /// In units, for a log line. Exact: halves are a float's own fractions.
    #[must_use]
    #[expect(
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        reason = "a log line shows units as DynamoDB and its price list do"
    )]
    pub const fn units(self) -> f64 {
        self.0 as f64 / 2.0
    }
}

/// Counts while a piece of work runs.
#[derive(Debug, Default)]
struct Meter {
    calls: AtomicU32,
    read: AtomicU64,
    written: AtomicU64,
}

impl Meter {
    fn add(&self, usage: Usage) {
        self.calls.fetch_add(usage.calls, Ordering::Relaxed);
        self.read.fetch_add(usage.read.0, Ordering::Relaxed);
        self.written.fetch_add(usage.written.0, Ordering::Relaxed);
    }

    fn usage(&self) -> Usage {
        Usage {
            calls: self.calls.load(Ordering::Relaxed),
            read: Capacity(self.read.load(Ordering::Relaxed)),
            written: Capacity(self.written.load(Ordering::Relaxed)),
        }
    }
}

/// Runs `work` and tells what its calls to DynamoDB came to. Exact for each of several that run side by side; a part that is metered
/// counts for the whole too.
pub async fn metered<F: Future>(work: F) -> (F::Output, Usage) {
    // In a box, for the types of futures in futures grow deeper than the compiler follows.
    let work = Box::pin(work);
    let metered = async {
        let output = work.await;
        (output, METER.with(Meter::usage))
    };
    let (output, usage) = METER.scope(Meter::default(), metered).await;
    note(|whole| whole.add(usage));
    (output, usage)
}

/// Work that nobody meters is not counted.
fn note(add: impl FnOnce(&Meter)) {
    let _ = METER.try_with(add);
}

pub(crate) fn note_call() {
    note(|meter| meter.add(Usage { calls: 1, ..Usage::default() }));
}

pub(crate) fn note_read<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    for consumed in consumed {
        let read = Capacity::told(consumed.capacity_units());
        note(|meter| meter.add(Usage { read, ..Usage::default() }));
    }
}

/// A transaction that was applied by an earlier try only reads; DynamoDB tells that part of the whole apart.
pub(crate) fn note_write<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    for consumed in consumed {
        let all = Capacity::told(consumed.capacity_units());
        let read = Capacity::told(consumed.read_capacity_units());
        let written = Capacity(all.0.saturating_sub(read.0));
        note(|meter| meter.add(Usage { calls: 0, read, written }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consumed(units: f64) -> ConsumedCapacity {
        ConsumedCapacity::builder().capacity_units(units).build()
    }

    #[tokio::test]
    async fn works_side_by_side_are_counted_apart() {
        let one = metered(async {
            note_call();
            tokio::task::yield_now().await;
            note_read(&Some(consumed(0.5)));
            "one"
        });
        let other = metered(async {
            note_call();
            note_write(&[consumed(4.0), consumed(2.0)]);
            tokio::task::yield_now().await;
            note_call();
            "other"
        });
        let (one, other) = tokio::join!(one, other);
        let half = Usage { calls: 1, read: Capacity::from_halves(1), written: Capacity::default() };
        assert_eq!(one, ("one", half));
        assert_eq!(other, ("other", Usage { calls: 2, read: Capacity::default(), written: Capacity::from_halves(12) }));
    }

    #[tokio::test]
    async fn a_part_that_is_metered_counts_for_the_whole_too() {
        let whole = metered(async {
            let ((), part) = metered(async { note_call() }).await;
            note_call();
            part.calls
        });
        let (calls_of_part, whole) = whole.await;
        assert_eq!((calls_of_part, whole.calls), (1, 2));
    }

    #[tokio::test]
    async fn a_transaction_that_was_applied_before_counts_as_a_read() {
        let again = ConsumedCapacity::builder().capacity_units(2.0).read_capacity_units(2.0).build();
        let ((), usage) = metered(async { note_write(&[again]) }).await;
        assert_eq!((usage.read.units(), usage.written.units()), (2.0, 0.0));
    }

    #[tokio::test]
    async fn half_units_are_added_exactly() {
        let ((), usage) = metered(async { (0..10).for_each(|_| note_read(&Some(consumed(0.5)))) }).await;
        assert_eq!(usage.read.units(), 5.0);
    }
}
