use kernel::{Sku, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Units that one adjustment may bring or take.
pub const MAX_ADJUSTMENT: i64 = 1_000_000;

/// Why the stock of a SKU changed other than by selling it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AdjustmentReason")]
pub enum Reason {
    OpeningStock,
    Count,
    Receipt,
    WriteOff,
    Correction,
}

/// A line of a SKU's ledger. Written once; `on_hand` is the sum of all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    pub sku: Sku,
    pub at: Timestamp,
    pub delta: i64,
    pub reason: Reason,
    pub actor: UserId,
}
