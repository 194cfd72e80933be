use kernel::Timestamp;
use orders::interface::{Order, OrderStatus};

/// How long somebody who is paying may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentWindow {
    /// From each payment that is begun.
    pub extension_seconds: i64,
    /// From placing the order, whatever is begun.
    pub max_seconds: i64,
}

impl PaymentWindow {
    /// Until when `order` is to stay open for a payment that begins now; nothing for an order that does not await one.
    #[must_use]
    pub fn of(self, order: &Order, now: Timestamp) -> Option<Timestamp> {
        let payable = order.status == OrderStatus::PendingPayment && now < order.expires_at;
        let latest = order.placed_at.plus_seconds(self.max_seconds);
        payable.then(|| now.plus_seconds(self.extension_seconds).min(latest).max(order.expires_at))
    }
}

#[cfg(test)]
pub(crate) mod examples {
    use serde_json::json;

    use super::*;
    use crate::domain::payment::examples::{at, created, eur};

    /// The guest's order of [`created`]: 45.99 EUR, placed at second 0, open until second 900.
    pub(crate) fn order() -> Order {
        let nothing = eur(0);
        serde_json::from_value(json!({
            "id": created().order_id, "number": "4T3N-9Q2R-SK", "cart_id": kernel::CartId::new(kernel::ulid_at(at(0), 3)),
            "status": "pending_payment", "payment_status": "unpaid", "fulfillment_status": "unfulfilled",
            "email": "ann@example.com", "locale": "en", "token_version": 1, "lines": [], "discounts": [],
            "subtotal": eur(4599), "discount": nothing, "shipping": nothing, "shipping_tax": nothing, "shipping_tax_rate": "19",
            "tax": nothing, "tax_lines": [], "prices_include_tax": true, "total": eur(4599), "captured": nothing,
            "shipping_address": { "name": "Ann", "line1": "Road 1", "city": "Berlin", "postal_code": "10115", "country": "DE" },
            "shipping_method": { "id": "standard", "title": "Standard", "price": nothing, "min_days": 1, "max_days": 3 },
            "placed_at": at(0), "expires_at": at(900), "timeline": [],
            "trace": { "correlation_id": "placing" },
        }))
        .expect("an order")
    }
}

#[cfg(test)]
mod tests {
    use super::examples::order;
    use super::*;
    use crate::domain::payment::examples::at;

    const WINDOW: PaymentWindow = PaymentWindow { extension_seconds: 900, max_seconds: 3600 };

    #[test]
    fn a_payment_that_begins_holds_the_order_open_a_while_but_not_for_ever() {
        let open_until = |until| Order { expires_at: at(until), ..order() };
        for (expires, now, expected) in
            [(900, 10, 910), (900, 0, 900), (3000, 2900, 3600), (3600, 3599, 3600), (5000, 10, 5000)]
        {
            assert_eq!(WINDOW.of(&open_until(expires), at(now)), Some(at(expected)), "{expires} at {now}");
        }
    }

    #[test]
    fn only_an_order_that_awaits_payment_can_be_paid() {
        assert_eq!(WINDOW.of(&order(), at(900)), None);
        for status in [OrderStatus::Confirmed, OrderStatus::Cancelled, OrderStatus::Completed] {
            assert_eq!(WINDOW.of(&Order { status, ..order() }, at(10)), None, "{status:?}");
        }
    }
}
