use std::collections::BTreeMap;

use catalog::interface::Image;
use kernel::{CartId, Currency, Money, OrderId, ProductId, Quantity, Sku, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Lines of one cart; with it, a cart and its offers fit one batch read.
pub const MAX_LINES: u32 = 50;

const DAY: i64 = 24 * 60 * 60;
const GUEST_SECONDS: i64 = 30 * DAY;
const USER_SECONDS: i64 = 90 * DAY;

/// What somebody means to buy. It is one item of the table, so every change is one conditional write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    pub id: CartId,
    pub owner: CartOwner,
    pub status: CartStatus,
    /// The order that it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    pub currency: Currency,
    /// Counts the writes. The row has it, so the body does not say it again.
    #[serde(skip)]
    pub version: u64,
    pub lines: BTreeMap<Sku, CartLine>,
    /// How many lines there are, kept beside them because a condition cannot count a map.
    pub line_count: u32,
    pub created_at: Timestamp,
    /// From then on it is as if the cart were not there; each write moves it on.
    pub expires_at: Timestamp,
}

/// Whose cart it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CartOwner {
    /// Whoever shows the token of this version.
    Guest {
        token_version: u32,
    },
    User {
        user_id: UserId,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CartStatus {
    Open,
    /// It became an order and stays as it was then.
    Ordered,
}

/// So much of one SKU, and what the shopper saw of it when they last touched the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    pub product_id: ProductId,
    pub title: String,
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    pub quantity: Quantity,
    pub unit_price: Money,
    /// Lines are shown in the order they came in.
    pub added_at: Timestamp,
}

impl CartOwner {
    /// How long the cart is kept after its last change.
    #[must_use]
    pub const fn keeps_for_seconds(&self) -> i64 {
        match self {
            Self::Guest { .. } => GUEST_SECONDS,
            Self::User { .. } => USER_SECONDS,
        }
    }
}

impl Cart {
    /// A new, empty cart.
    #[must_use]
    pub fn new(id: CartId, owner: CartOwner, currency: Currency, now: Timestamp) -> Self {
        let expires_at = now.plus_seconds(owner.keeps_for_seconds());
        Self {
            id,
            owner,
            status: CartStatus::Open,
            order_id: None,
            currency,
            version: 1,
            lines: BTreeMap::new(),
            line_count: 0,
            created_at: now,
            expires_at,
        }
    }

    /// An expired cart may still be in the table for a while; nobody gets to see it.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at < now
    }

    /// The lines in the order they came in.
    #[must_use]
    pub fn lines_in_order(&self) -> Vec<(&Sku, &CartLine)> {
        let mut lines: Vec<_> = self.lines.iter().collect();
        lines.sort_by_key(|(_, line)| line.added_at);
        lines
    }
}
