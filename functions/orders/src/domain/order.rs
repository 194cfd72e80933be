//! An order from placing to its end. Every transition is here, and nothing else changes a status.

use api::{Caller, Capability};
use events::{CancelReason, OrderCancelled, OrderConfirmed, OrderPlaced, StockLine};
use kernel::{Address, CartId, Email, Locale, Money, OrderId, Timestamp, Ulid, UserId};
use pricing::{Rate, ShippingOption, TaxLine};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use telemetry::Trace;

use super::{
    Departed, Discount, Draft, FulfillmentStatus, ListedFor, OrderLine, OrderNumber, OrderStatus, PaymentStatus,
};

/// What tokens for orders are made with.
const TOKEN_KIND: &str = "order";
/// Raising an order's own revokes the tokens given before.
const FIRST_TOKEN_VERSION: u32 = 1;

/// An order, with its lines and prices as they were when it was placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub id: OrderId,
    pub number: OrderNumber,
    pub cart_id: CartId,
    pub status: OrderStatus,
    pub payment_status: PaymentStatus,
    pub fulfillment_status: FulfillmentStatus,
    /// None for a guest's order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The account that lists a guest's order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_for: Option<ListedFor>,
    /// Who left before the order was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departed: Option<Departed>,
    pub email: Email,
    /// What mails about the order are written in.
    pub locale: Locale,
    pub token_version: u32,
    pub lines: Vec<OrderLine>,
    pub discounts: Vec<Discount>,
    pub subtotal: Money,
    pub discount: Money,
    pub shipping: Money,
    pub shipping_tax: Money,
    pub shipping_tax_rate: Rate,
    pub tax: Money,
    pub tax_lines: Vec<TaxLine>,
    pub prices_include_tax: bool,
    pub total: Money,
    /// What the providers hold for it.
    pub captured: Money,
    pub shipping_address: Address,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Address>,
    pub shipping_method: ShippingOption,
    pub placed_at: Timestamp,
    /// Until when it holds its stock unpaid.
    pub expires_at: Timestamp,
    pub timeline: Vec<TimelineEntry>,
    /// What everything about the order is logged and told under, from the request that placed it to the last mail.
    pub trace: Trace,
}

/// Something that happened to the order, for shopper and staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineEntry {
    pub at: Timestamp,
    #[serde(rename = "type")]
    pub kind: TimelineKind,
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimelineKind {
    Placed,
    Confirmed,
    Cancelled,
}

/// Who orders, and where from.
#[derive(Debug, Clone)]
pub struct Placing {
    pub id: OrderId,
    pub cart_id: CartId,
    pub user_id: Option<UserId>,
    pub email: Email,
    pub locale: Locale,
    pub billing_address: Option<Address>,
    pub at: Timestamp,
    pub trace: Trace,
    /// How long the stock is held unpaid.
    pub window_seconds: i64,
}

/// What others learn of a transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderEvent {
    Placed(OrderPlaced),
    Confirmed(OrderConfirmed),
    Cancelled(OrderCancelled),
}

/// The order afterwards, and what to announce. Nothing to announce: nothing has changed.
pub type Transition = (Order, Vec<OrderEvent>);

/// Why an order stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    #[error("The order can no longer be cancelled.")]
    NotCancellable,
    #[error("The order is cancelled, so it cannot be confirmed.")]
    Cancelled,
    #[error("{captured} were captured for an order of {total}.")]
    OtherAmount { total: Money, captured: Money },
    #[error("The order may still be paid until {until}.")]
    NotDue { until: Timestamp },
}

impl Order {
    /// Orders what `draft` priced. What costs nothing needs no payment and is confirmed at once.
    #[must_use]
    pub fn place(draft: Draft, placing: Placing) -> Transition {
        let Draft { lines, discounts, quote, shipping_address } = draft;
        let lines = lines
            .into_iter()
            .zip(1..)
            // The ids after the order's own: unique, and nobody has to draw fifty more.
            .map(|(what, n)| OrderLine { line_id: Ulid(placing.id.ulid().0.wrapping_add(n)).into(), what })
            .collect();
        let nothing = Money::zero(quote.total.currency);
        let order = Self {
            id: placing.id,
            number: OrderNumber::of(placing.id),
            cart_id: placing.cart_id,
            status: OrderStatus::PendingPayment,
            payment_status: PaymentStatus::of(OrderStatus::PendingPayment, quote.total, nothing),
            fulfillment_status: FulfillmentStatus::Unfulfilled,
            user_id: placing.user_id,
            listed_for: None,
            departed: None,
            email: placing.email,
            locale: placing.locale,
            token_version: FIRST_TOKEN_VERSION,
            trace: placing.trace,
            lines,
            discounts,
            subtotal: quote.subtotal,
            discount: quote.discount,
            shipping: quote.shipping,
            shipping_tax: quote.shipping_tax,
            shipping_tax_rate: quote.shipping_tax_rate,
            tax: quote.tax,
            tax_lines: quote.tax_lines,
            prices_include_tax: quote.prices_include_tax,
            total: quote.total,
            captured: nothing,
            shipping_address,
            billing_address: placing.billing_address,
            shipping_method: quote.shipping_method,
            placed_at: placing.at,
            expires_at: placing.at.plus_seconds(placing.window_seconds),
            timeline: Vec::new(),
        }
        .noting(placing.at, TimelineKind::Placed, "The order was placed.");
        let placed = OrderEvent::Placed(order.placed());
        if order.total.is_zero() {
            let (order, confirmed) = order.confirmed(nothing, placing.at, "There was nothing to pay.");
            (order, vec![placed, confirmed])
        } else {
            (order, vec![placed])
        }
    }

    /// The provider has `captured` for this order. Hearing it again changes nothing.
    ///
    /// # Errors
    /// [`OrderError::Cancelled`], or [`OrderError::OtherAmount`]: it is not for people to guess what that money is.
    pub fn confirm(self, captured: Money, at: Timestamp) -> Result<Transition, OrderError> {
        match self.status {
            OrderStatus::Confirmed | OrderStatus::Completed => Ok((self, Vec::new())),
            OrderStatus::Cancelled => Err(OrderError::Cancelled),
            OrderStatus::PendingPayment if captured != self.total => {
                Err(OrderError::OtherAmount { total: self.total, captured })
            }
            OrderStatus::PendingPayment => {
                let (order, confirmed) = self.confirmed(captured, at, "The payment has arrived.");
                Ok((order, vec![confirmed]))
            }
        }
    }

    /// Closes an order that is not paid, for the shopper, who may have said why. Cancelling it again changes nothing.
    ///
    /// # Errors
    /// [`OrderError::NotCancellable`] once it is paid.
    pub fn cancel(self, why: Option<&str>, at: Timestamp) -> Result<Transition, OrderError> {
        match self.status {
            OrderStatus::Cancelled => Ok((self, Vec::new())),
            OrderStatus::Confirmed | OrderStatus::Completed => Err(OrderError::NotCancellable),
            OrderStatus::PendingPayment => {
                let detail = match why {
                    Some(why) => format!("The shopper cancelled the order: {why}"),
                    None => "The shopper cancelled the order.".to_owned(),
                };
                let (order, cancelled) = self.cancelled(CancelReason::Shopper, at, &detail);
                Ok((order, vec![OrderEvent::Cancelled(cancelled)]))
            }
        }
    }

    /// Closes an order whose time to pay is over. An order that is paid or closed stays as it is.
    ///
    /// # Errors
    /// [`OrderError::NotDue`] while it may still be paid.
    pub fn expire(self, now: Timestamp) -> Result<Transition, OrderError> {
        match self.status {
            OrderStatus::Confirmed | OrderStatus::Completed | OrderStatus::Cancelled => Ok((self, Vec::new())),
            OrderStatus::PendingPayment if now < self.expires_at => Err(OrderError::NotDue { until: self.expires_at }),
            OrderStatus::PendingPayment => {
                let (order, expired) = self.cancelled(CancelReason::Expired, now, "The order was not paid in time.");
                Ok((order, vec![OrderEvent::Cancelled(expired)]))
            }
        }
    }

    /// Whether `caller` may see and change the order: its shopper, or for a guest's order whoever shows its token.
    #[must_use]
    pub fn opens_to(&self, caller: &Caller, token: Option<&str>, capability: &Capability) -> bool {
        let opens_with = |token| capability.allows(token, TOKEN_KIND, &self.id.to_string(), self.token_version);
        self.is_shown(caller) || (self.user_id.is_none() && token.is_some_and(opens_with))
    }

    /// What a guest shows to get at the order `id` from the moment it is placed.
    #[must_use]
    pub fn first_guest_token(id: OrderId, capability: &Capability) -> String {
        capability.token(TOKEN_KIND, &id.to_string(), FIRST_TOKEN_VERSION)
    }

    fn confirmed(mut self, captured: Money, at: Timestamp, detail: &str) -> (Self, OrderEvent) {
        self.captured = captured;
        let order = self.becoming(OrderStatus::Confirmed).noting(at, TimelineKind::Confirmed, detail);
        let event = OrderConfirmed { order: order.summary() };
        (order, OrderEvent::Confirmed(event))
    }

    pub(super) fn cancelled(self, reason: CancelReason, at: Timestamp, detail: &str) -> (Self, OrderCancelled) {
        let order = self.becoming(OrderStatus::Cancelled).noting(at, TimelineKind::Cancelled, detail);
        // Whoever is told is told before their address goes.
        let event = OrderCancelled { order: order.summary(), reason };
        (order.at_rest(), event)
    }

    fn becoming(mut self, status: OrderStatus) -> Self {
        self.status = status;
        self.payment_status = PaymentStatus::of(status, self.total, self.captured);
        self
    }

    fn noting(mut self, at: Timestamp, kind: TimelineKind, detail: &str) -> Self {
        self.timeline.push(TimelineEntry { at, kind, detail: detail.to_owned() });
        self
    }

    fn placed(&self) -> OrderPlaced {
        OrderPlaced {
            order_id: self.id,
            number: self.number.to_string(),
            total: self.total,
            lines: self
                .lines
                .iter()
                .map(|line| StockLine { sku: line.what.sku.clone(), quantity: line.what.quantity })
                .collect(),
            expires_at: self.expires_at,
        }
    }
}
