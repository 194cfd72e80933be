use kernel::{Sku, Text, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::Stock;

/// Units that one adjustment may bring or take.
pub const MAX_ADJUSTMENT: i64 = 1_000_000;
/// Units that a count may find.
pub const MAX_COUNT: i64 = 1_000_000_000;

/// What staff say about an adjustment in their own words.
pub type Note = Text<1, 200>;

/// Why the stock of a SKU changed other than by selling it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "LedgerReason")]
pub enum Reason {
    OpeningStock,
    Count,
    Receipt,
    WriteOff,
    Correction,
    /// A row of an imported file told what was counted.
    Import,
}

/// A line of a SKU's ledger. Written once; `on_hand` is the sum of all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    pub sku: Sku,
    pub at: Timestamp,
    /// What came, or below zero what went; zero for a count that found what the books say.
    pub delta: i64,
    pub reason: Reason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    pub actor: UserId,
}

/// What somebody says of a stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// So much came, or below zero went.
    Moved(i64),
    /// So much lies in the warehouse, reserved and sold units included.
    Counted(i64),
}

impl Finding {
    /// What `stock` changes by, for it to be as it was found.
    #[must_use]
    pub fn delta(self, stock: Stock) -> i64 {
        match self {
            Self::Moved(units) => units,
            Self::Counted(units) => units - stock.on_hand,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_over_all_that_lies_there_whoever_it_is_promised_to() {
        let stock = Stock { on_hand: 7, available: 4, reserved: 2, committed: 1 };
        assert_eq!([5, 7, 9].map(|counted| Finding::Counted(counted).delta(stock)), [-2, 0, 2]);
        assert_eq!(Finding::Moved(-3).delta(stock), -3);
    }

    #[test]
    fn a_line_from_before_notes_is_read() {
        let line = serde_json::json!({
            "sku": "TEA-100", "at": "2026-11-23T05:00:00.000Z", "delta": 3, "reason": "receipt",
            "actor": "8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d",
        });
        let entry: LedgerEntry = serde_json::from_value(line.clone()).unwrap();
        assert_eq!((entry.note.as_ref(), serde_json::to_value(&entry).unwrap()), (None, line));
    }
}
