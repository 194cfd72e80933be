use std::collections::BTreeMap;

use kernel::{OrderId, Sku, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::Movement;

/// The stock that an unpaid order holds. It is removed exactly once: when the order is confirmed or cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub order_id: OrderId,
    pub lines: BTreeMap<Sku, u32>,
    pub expires_at: Timestamp,
}

/// How a hold ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Confirmed,
    Cancelled,
}

impl Hold {
    /// What `outcome` does to the stock of each SKU.
    pub fn settle(&self, outcome: Outcome) -> impl Iterator<Item = (&Sku, Movement)> {
        self.lines.iter().map(move |(sku, units)| match outcome {
            Outcome::Confirmed => (sku, Movement::Commit(*units)),
            Outcome::Cancelled => (sku, Movement::Release(*units)),
        })
    }
}
