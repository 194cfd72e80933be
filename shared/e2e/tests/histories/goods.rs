//! What is bought: two SKUs with a few units each, and orders of them that cost something or nothing.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use cart::interface::{Cart, CartLine, CartOwner};
use catalog::interface::Offer;
use kernel::{Address, AddressInput, CartId, Currency, Email, Locale, Money, OrderId, ProductId, Quantity, Sku, Ulid};
use orders::domain::{Draft, Placing, Settings};
use pricing::{ShippingMethod, ShippingZone, ShippingZones, TaxClass, TaxRate, TaxTable};
use telemetry::Trace;

use crate::clock;

/// SKU, price, and how many units were delivered.
pub(crate) const SHELF: [(&str, i64, i64); 2] = [("LAMP", 2000, 5), ("SHADE", 750, 4)];

/// How long an order waits for its payment, and how paying extends that.
pub(crate) const WINDOW_SECONDS: i64 = 1800;
pub(crate) const WINDOW: payments::domain::PaymentWindow =
    payments::domain::PaymentWindow { extension_seconds: 900, max_seconds: 3600 };

pub(crate) fn eur(amount: i64) -> Money {
    Money::new(amount, Currency::EUR)
}

pub(crate) fn sku(text: &str) -> Sku {
    Sku::parse(text).unwrap()
}

/// What carts are filled with; the last one costs nothing.
pub(crate) fn drafts() -> &'static [Draft] {
    static DRAFTS: OnceLock<Vec<Draft>> = OnceLock::new();
    DRAFTS.get_or_init(|| {
        vec![
            draft(&[("LAMP", 1)], false),
            draft(&[("LAMP", 2), ("SHADE", 1)], false),
            draft(&[("SHADE", 2)], false),
            draft(&[("SHADE", 1)], true),
        ]
    })
}

/// Units of each SKU.
pub(crate) fn units(draft: &Draft) -> BTreeMap<Sku, u32> {
    draft.lines.iter().map(|line| (line.sku.clone(), line.quantity.get())).collect()
}

pub(crate) fn placing() -> Placing {
    Placing {
        id: OrderId::new(clock::new_id()),
        cart_id: CartId::new(clock::new_id()),
        user_id: None,
        email: Email::parse("ada@example.com").unwrap(),
        locale: Locale::En,
        billing_address: None,
        at: clock::now(),
        trace: Trace::start("history"),
        window_seconds: WINDOW_SECONDS,
    }
}

fn draft(lines: &[(&str, i64)], free: bool) -> Draft {
    let mut cart = Cart::new(CartId::new(Ulid(1)), CartOwner::Guest { token_version: 1 }, Currency::EUR, clock::now());
    let mut offers = BTreeMap::new();
    for (text, units) in lines {
        let (_, price, available) = SHELF.iter().find(|(known, ..)| known == text).unwrap();
        let price = if free { 0 } else { *price };
        cart.lines.insert(sku(text), cart_line(Quantity::new(*units).unwrap(), price));
        offers.insert(sku(text), offer(text, price, *available));
    }
    let settings = settings(if free { 0 } else { 490 });
    Draft::price(&cart, &offers, &settings, address(), None).unwrap()
}

fn cart_line(quantity: Quantity, price: i64) -> CartLine {
    CartLine {
        product_id: ProductId::new(Ulid(2)),
        title: "A lamp".into(),
        options: BTreeMap::new(),
        image: None,
        quantity,
        unit_price: eur(price),
        added_at: clock::now(),
    }
}

fn offer(text: &str, price: i64, available: i64) -> Offer {
    Offer {
        sku: sku(text),
        product_id: ProductId::new(Ulid(2)),
        position: 0,
        title: "A lamp".into(),
        variant_title: "Lamp".into(),
        options: BTreeMap::new(),
        image: None,
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

fn address() -> Address {
    let input = AddressInput {
        name: "Ada Lovelace".into(),
        line1: "Hauptstraße 1".into(),
        city: "Berlin".into(),
        postal_code: "10115".into(),
        country: "DE".into(),
        ..AddressInput::default()
    };
    input.check().unwrap()
}

fn settings(shipping: i64) -> Settings {
    let country = "DE".parse().unwrap();
    let rate = TaxRate {
        country,
        region: None,
        tax_class: TaxClass::Standard,
        title: "VAT 19%".parse().unwrap(),
        rate_bps: 1900,
    };
    let method = ShippingMethod {
        id: "standard".parse().unwrap(),
        title: "Standard".parse().unwrap(),
        price: eur(shipping),
        free_from: None,
        min_days: 1,
        max_days: 3,
        max_weight_grams: None,
    };
    let zone = ShippingZone {
        id: "germany".parse().unwrap(),
        title: "Germany".parse().unwrap(),
        countries: vec![country],
        methods: vec![method],
    };
    Settings {
        currency: Currency::EUR,
        taxes: TaxTable { prices_include_tax: true, rates: vec![rate] },
        zones: ShippingZones { zones: vec![zone] },
    }
}
