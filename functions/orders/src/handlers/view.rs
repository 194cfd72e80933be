//! An order as its shopper sees it, the same in every answer.

use kernel::{Address, Email, LineId, Money, OrderId, Timestamp, UserId};
use pricing::{Rate, ShippingOption, TaxLine};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{
    Discount, DraftLine, FulfillmentStatus, Order, OrderLine, OrderNumber, OrderStatus, PaymentStatus, TimelineEntry,
};

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Order")]
pub struct OrderView {
    id: OrderId,
    /// What people call the order.
    number: OrderNumber,
    status: OrderStatus,
    payment_status: PaymentStatus,
    fulfillment_status: FulfillmentStatus,
    email: Email,
    lines: Vec<OrderLineView>,
    discounts: Vec<Discount>,
    subtotal: Money,
    discount: Money,
    shipping: Money,
    /// Tax on shipping; part of `tax`.
    shipping_tax: Money,
    shipping_tax_rate: Rate,
    tax: Money,
    tax_lines: Vec<TaxLine>,
    /// Whether tax is contained in the prices, or comes on top of them.
    prices_include_tax: bool,
    total: Money,
    shipping_address: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_address: Option<Address>,
    shipping_method: ShippingOption,
    /// Until when it has to be paid; only while a payment is awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    timeline: Vec<TimelineEntry>,
    placed_at: Timestamp,
    /// Opens the order to its guest (`Order-Token`). Only in the answer to placing it.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OrderLine")]
pub struct OrderLineView {
    line_id: LineId,
    #[serde(flatten)]
    what: DraftLine,
    /// Units that have left the warehouse.
    shipped: u32,
    /// Units that will not be shipped.
    cancelled: u32,
    /// Units that came back.
    returned: u32,
    refunded: Money,
}

/// An order in a shopper's list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ListedOrder {
    Whole(Box<OrderView>),
    /// What a guest ordered with the shopper's address while there was an account: the rest opens with the order's token.
    Glimpse(OrderGlimpse),
}

/// That there is an order, and how far it is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OrderGlimpse {
    number: OrderNumber,
    status: OrderStatus,
}

impl ListedOrder {
    #[must_use]
    pub fn of(order: Order, shopper: &UserId) -> Self {
        if order.is_shown_to(shopper) {
            Self::Whole(Box::new(OrderView::of(order)))
        } else {
            Self::Glimpse(OrderGlimpse { number: order.number, status: order.status })
        }
    }
}

impl OrderView {
    #[must_use]
    pub fn of(order: Order) -> Self {
        let status = order.status;
        Self {
            id: order.id,
            number: order.number,
            status,
            payment_status: order.payment_status,
            fulfillment_status: order.fulfillment_status,
            email: order.email,
            lines: order.lines.into_iter().map(|line| OrderLineView::of(line, status)).collect(),
            discounts: order.discounts,
            subtotal: order.subtotal,
            discount: order.discount,
            shipping: order.shipping,
            shipping_tax: order.shipping_tax,
            shipping_tax_rate: order.shipping_tax_rate,
            tax: order.tax,
            tax_lines: order.tax_lines,
            prices_include_tax: order.prices_include_tax,
            total: order.total,
            shipping_address: order.shipping_address,
            billing_address: order.billing_address,
            shipping_method: order.shipping_method,
            expires_at: (status == OrderStatus::PendingPayment).then_some(order.expires_at),
            timeline: order.timeline,
            placed_at: order.placed_at,
            token: None,
        }
    }
}

impl OrderLineView {
    fn of(line: OrderLine, status: OrderStatus) -> Self {
        let is_cancelled = status == OrderStatus::Cancelled;
        Self {
            line_id: line.line_id,
            shipped: 0,
            cancelled: if is_cancelled { line.what.quantity.get() } else { 0 },
            returned: 0,
            refunded: Money::zero(line.what.line_total.currency),
            what: line.what,
        }
    }
}
