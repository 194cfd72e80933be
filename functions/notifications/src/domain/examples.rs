//! Orders and deliveries for tests.

use events::{OrderSummary, SummaryLine};
use kernel::{AddressInput, Currency, Email, EventId, Locale, Money, OrderId, Quantity, Sku, Timestamp, UserId};

use super::{About, Delivery, Notice, OrderNews, Recipient};

pub(crate) const NOW: Timestamp = Timestamp::from_epoch_seconds(1_795_410_000);

pub(crate) fn event_id() -> EventId {
    EventId::parse("01JH8Z6V0W4T3N9Q2RSKX7M5CD").unwrap()
}

pub(crate) fn order_id() -> OrderId {
    OrderId::parse("ord_01JH8Z6V0W4T3N9Q2RSKX7M5CD").unwrap()
}

pub(crate) fn user_id() -> UserId {
    UserId::parse("8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d").unwrap()
}

/// A guest's order is confirmed.
pub(crate) fn notice() -> Notice {
    let to = Recipient { email: order().email, locale: Locale::En, user_id: None };
    Notice { event_id: event_id(), to, about: About::Order(OrderNews::Confirmed, Box::new(order())) }
}

pub(crate) fn delivery() -> Delivery {
    Delivery::start(&notice(), NOW)
}

/// Two lines, a discount, and tax contained in the prices.
pub(crate) fn order() -> OrderSummary {
    let eur = |amount| Money::new(amount, Currency::EUR);
    OrderSummary {
        order_id: order_id(),
        number: "S-1042".into(),
        user_id: None,
        email: Email::parse("ada@example.com").unwrap(),
        locale: Locale::En,
        lines: vec![
            line("TEA-250", "Darjeeling First Flush", 2, eur(61_750)),
            line("MUG-BLUE", "Stoneware Mug", 1, eur(1850)),
        ],
        subtotal: eur(125_350),
        discount: eur(1000),
        shipping: eur(490),
        tax: eur(8567),
        prices_include_tax: true,
        total: eur(124_840),
        shipping_address: AddressInput {
            name: "Ada Lovelace".into(),
            line1: "Chausseestraße 1".into(),
            city: "Berlin".into(),
            postal_code: "10115".into(),
            country: "DE".into(),
            ..AddressInput::default()
        }
        .check()
        .unwrap(),
        placed_at: NOW,
    }
}

pub(crate) fn line(sku: &str, title: &str, units: u32, unit_price: Money) -> SummaryLine {
    SummaryLine {
        sku: Sku::parse(sku).unwrap(),
        title: title.into(),
        quantity: Quantity::new(units.into()).unwrap(),
        unit_price,
        line_total: unit_price.checked_mul(units).unwrap(),
    }
}
