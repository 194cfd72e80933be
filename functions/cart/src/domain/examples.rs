//! Carts and offers for tests.

use std::collections::BTreeMap;

use catalog::interface::Offer;
use kernel::{CartId, Currency, Money, OrderId, ProductId, Quantity, Sku, Timestamp, UserId};
use pricing::TaxClass;

use super::{Cart, CartLine, CartOwner, CartStatus};

pub(crate) const NOW: Timestamp = Timestamp::from_epoch_seconds(1_795_410_000);
pub(crate) const USER: &str = "8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d";

pub(crate) fn cart_id() -> CartId {
    CartId::parse("cart_01JH8Z6V0W4T3N9Q2RSKX7M5CD").unwrap()
}

pub(crate) fn order_id() -> OrderId {
    OrderId::parse("ord_01JH8Z6V0W4T3N9Q2RSKX7M5CD").unwrap()
}

fn product_id() -> ProductId {
    ProductId::parse("prod_01JH8Z6V0W4T3N9Q2RSKX7M5CD").unwrap()
}

pub(crate) fn sku(text: &str) -> Sku {
    Sku::parse(text).unwrap()
}

pub(crate) fn quantity(units: i64) -> Quantity {
    Quantity::new(units).unwrap()
}

/// A guest's, open and empty.
pub(crate) fn cart() -> Cart {
    Cart::new(cart_id(), CartOwner::Guest { token_version: 1 }, Currency::EUR, NOW)
}

/// For sale, with ten in stock.
pub(crate) fn offer(name: &str, amount: i64) -> Offer {
    Offer {
        sku: sku(name),
        product_id: product_id(),
        position: 0,
        title: format!("Product {name}"),
        variant_title: "250 g".into(),
        options: BTreeMap::from([("Size".into(), "250 g".into())]),
        image: None,
        price: Money::new(amount, Currency::EUR),
        compare_at_price: None,
        tax_class: TaxClass::Standard,
        weight_grams: 250,
        for_sale: true,
        available: 10,
        reserved: 0,
        committed: 0,
        on_hand: 10,
        prices: Default::default(),
        low_at: 5,
        ordered: false,
        counted: false,
        retired: false,
        imported: None,
    }
}

impl Cart {
    pub(crate) fn with_line(mut self, name: &str, units: i64, amount: i64) -> Self {
        let line = CartLine {
            product_id: product_id(),
            title: format!("Product {name}"),
            options: BTreeMap::from([("Size".into(), "250 g".into())]),
            image: None,
            quantity: quantity(units),
            unit_price: Money::new(amount, Currency::EUR),
            added_at: NOW,
        };
        self.lines.insert(sku(name), line);
        self.line_count += 1;
        self
    }

    pub(crate) fn ordered(self) -> Self {
        Self { status: CartStatus::Ordered, order_id: Some(order_id()), ..self }
    }

    pub(crate) fn of_user(self, user_id: &str) -> Self {
        Self { owner: CartOwner::User { user_id: UserId::parse(user_id).unwrap() }, ..self }
    }
}
