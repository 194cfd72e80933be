use kernel::{Address, Email, Locale, Money, OrderId, Quantity, Sku, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::Event;

/// So much of one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLine {
    pub sku: Sku,
    pub quantity: Quantity,
}

/// A line as the shopper saw it when ordering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummaryLine {
    pub sku: Sku,
    pub title: String,
    pub quantity: Quantity,
    pub unit_price: Money,
    pub line_total: Money,
}

/// What a mail about an order shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSummary {
    pub order_id: OrderId,
    pub number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    pub email: Email,
    pub locale: Locale,
    pub lines: Vec<SummaryLine>,
    pub subtotal: Money,
    pub discount: Money,
    pub shipping: Money,
    pub tax: Money,
    pub prices_include_tax: bool,
    pub total: Money,
    pub shipping_address: Address,
    pub placed_at: Timestamp,
}

/// An order was placed: its stock is reserved and its payment awaited until `expires_at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPlaced {
    pub order_id: OrderId,
    pub number: String,
    pub total: Money,
    pub lines: Vec<StockLine>,
    pub expires_at: Timestamp,
}

impl Event for OrderPlaced {
    const SOURCE: &'static str = "souk.orders";
    const DETAIL_TYPE: &'static str = "OrderPlaced.v1";

    fn subject(&self) -> String {
        self.order_id.to_string()
    }
}

/// An order is paid for (or cost nothing) and will be shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderConfirmed {
    pub order: OrderSummary,
}

impl Event for OrderConfirmed {
    const SOURCE: &'static str = "souk.orders";
    const DETAIL_TYPE: &'static str = "OrderConfirmed.v1";

    fn subject(&self) -> String {
        self.order.order_id.to_string()
    }
}

/// Why an order was closed before it shipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The shopper asked for it.
    Shopper,
    /// It was not paid in time.
    Expired,
}

/// An order was closed: its stock is free again, and whatever was or will be paid for it goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCancelled {
    pub order: OrderSummary,
    pub reason: CancelReason,
}

impl Event for OrderCancelled {
    const SOURCE: &'static str = "souk.orders";
    const DETAIL_TYPE: &'static str = "OrderCancelled.v1";

    fn subject(&self) -> String {
        self.order.order_id.to_string()
    }
}
