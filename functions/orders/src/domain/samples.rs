//! Carts, offers and orders for tests; a test changes the one value it is about.

use std::collections::BTreeMap;

use cart::interface::{Cart, CartLine, CartOwner};
use catalog::interface::Offer;
use kernel::{
    Address, AddressId, AddressInput, CartId, Currency, Email, Locale, Money, OrderId, ProductId, Quantity, Sku,
    UserId, ulid_at,
};
use pricing::{ShippingMethod, ShippingZone, ShippingZones, TaxClass, TaxRate, TaxTable};
use testkit::now;

use super::{Draft, Order, Placing, Settings};

pub(crate) const WINDOW_SECONDS: i64 = 1800;
pub(crate) const USER: &str = "8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d";

pub(crate) fn eur(amount: i64) -> Money {
    Money::new(amount, Currency::EUR)
}

pub(crate) fn sku(text: &str) -> Sku {
    Sku::parse(text).unwrap()
}

pub(crate) fn user_id() -> UserId {
    UserId::parse(USER).unwrap()
}

pub(crate) fn address_input() -> AddressInput {
    AddressInput {
        name: "Ada Lovelace".into(),
        line1: "Chausseestraße 1".into(),
        city: "Berlin".into(),
        postal_code: "10115".into(),
        country: "DE".into(),
        ..AddressInput::default()
    }
}

pub(crate) fn address() -> Address {
    address_input().check().unwrap()
}

/// Where [`address`] is in the book of [`user_id`].
pub(crate) fn address_id() -> AddressId {
    AddressId::new(ulid_at(now(), 3))
}

/// A guest's cart with so much of each SKU, at ten euros a piece.
pub(crate) fn cart(lines: &[(&str, i64)]) -> Cart {
    let id = CartId::new(ulid_at(now(), 1));
    let mut cart = Cart::new(id, CartOwner::Guest { token_version: 1 }, Currency::EUR, now());
    for (text, units) in lines {
        let line = CartLine {
            product_id: ProductId::new(ulid_at(now(), 2)),
            title: format!("Product {text}"),
            options: BTreeMap::new(),
            image: None,
            quantity: Quantity::new(*units).unwrap(),
            unit_price: eur(1000),
            added_at: now(),
        };
        cart.lines.insert(sku(text), line);
    }
    cart
}

/// So much of one SKU for sale, at this price.
pub(crate) fn offer(text: &str, price: i64, available: i64) -> Offer {
    Offer {
        sku: sku(text),
        product_id: ProductId::new(ulid_at(now(), 2)),
        position: 0,
        title: format!("Product {text}"),
        variant_title: "M".into(),
        options: BTreeMap::from([("size".to_owned(), "M".to_owned())]),
        image: Some(catalog::interface::Image { url: "https://media.example/1.svg".into(), alt: "A picture".into() }),
        price: eur(price),
        compare_at_price: None,
        tax_class: TaxClass::Standard,
        weight_grams: 100,
        for_sale: true,
        available,
        reserved: 0,
        committed: 0,
        on_hand: available,
        prices: Default::default(),
        low_at: 5,
        ordered: false,
        counted: false,
        retired: false,
        imported: None,
    }
}

pub(crate) fn offers(offers: impl IntoIterator<Item = Offer>) -> BTreeMap<Sku, Offer> {
    offers.into_iter().map(|offer| (offer.sku.clone(), offer)).collect()
}

/// Germany at 19 %, shipped for 4.90 by `standard` and 9.90 by `express`.
pub(crate) fn settings(prices_include_tax: bool) -> Settings {
    let country = "DE".parse().unwrap();
    let method = |id: &str, price| ShippingMethod {
        id: id.parse().unwrap(),
        title: id.parse().unwrap(),
        price: eur(price),
        free_from: None,
        min_days: 1,
        max_days: 3,
        max_weight_grams: None,
    };
    let rate = TaxRate {
        country,
        region: None,
        tax_class: TaxClass::Standard,
        title: "VAT 19%".parse().unwrap(),
        rate_bps: 1900,
    };
    let zone = ShippingZone {
        id: "germany".parse().unwrap(),
        title: "Germany".parse().unwrap(),
        countries: vec![country],
        methods: vec![method("standard", 490), method("express", 990)],
    };
    Settings {
        currency: Currency::EUR,
        taxes: TaxTable { prices_include_tax, rates: vec![rate] },
        zones: ShippingZones { zones: vec![zone] },
    }
}

/// Two of A and one of B at ten euros, shipped by the cheapest way, tax contained: 34.90 in all.
pub(crate) fn draft() -> Draft {
    let offers = offers([offer("A", 1000, 5), offer("B", 1000, 5)]);
    Draft::price(&cart(&[("A", 2), ("B", 1)]), &offers, &settings(true), address(), None).unwrap()
}

pub(crate) fn placing() -> Placing {
    Placing {
        id: OrderId::new(ulid_at(now(), 7 << 40)),
        cart_id: CartId::new(ulid_at(now(), 1)),
        user_id: None,
        email: Email::parse("ada@example.com").unwrap(),
        locale: Locale::En,
        billing_address: None,
        at: now(),
        trace: telemetry::Trace::start("request-1"),
        window_seconds: WINDOW_SECONDS,
    }
}

/// A guest's order that awaits its payment.
pub(crate) fn pending() -> Order {
    Order::place(draft(), placing()).0
}

/// An order of nothing that costs anything.
pub(crate) fn free() -> Order {
    Order::place(free_draft(), placing()).0
}

pub(crate) fn free_draft() -> Draft {
    let mut settings = settings(true);
    settings.zones.zones[0].methods[0].price = eur(0);
    Draft::price(&cart(&[("A", 1)]), &offers([offer("A", 0, 5)]), &settings, address(), None).unwrap()
}
