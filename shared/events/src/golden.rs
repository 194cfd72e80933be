//! One sample of each event, held to the JSON that its first release wrote.

use std::fmt::Debug;
use std::path::Path;

use kernel::{Address, Currency, Email, Locale, Money, Quantity, Timestamp, UserId};
use serde_json::json;
use telemetry::Trace;

use super::*;

fn envelope<E: Event>(data: E) -> Envelope<E> {
    let trace = Trace { correlation_id: "5e1f1f0c-1c9b-4f0e-8f56-6e6f2f1f4a11".into(), traceparent: None };
    let id = "01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap();
    Envelope::new(id, Timestamp::parse("2026-11-23T05:07:25.123Z").unwrap(), trace, 3, data)
}

/// Holds that `data` is written as its golden file says, and that the file is read as `data`.
fn check<E: Event + PartialEq + Debug>(data: E) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("golden/{}.json", E::DETAIL_TYPE));
    let event = envelope(data);
    let written = serde_json::to_string_pretty(&event).unwrap() + "\n";
    if asked_to_write() {
        std::fs::write(&file, &written).unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written, golden, "{} changed: that is a new version", E::DETAIL_TYPE);
    assert_eq!(serde_json::from_str::<Envelope<E>>(&golden).unwrap(), event);
    let rule_message = json!({
        "version": "0", "id": "x", "detail-type": E::DETAIL_TYPE, "source": E::SOURCE, "detail": event,
    });
    assert_eq!(read_rule_message::<E>(&rule_message.to_string()).unwrap(), event);
}

/// `UPDATE=1` writes the file of an event that is new.
#[expect(clippy::disallowed_methods, reason = "a switch for the one who runs the test")]
fn asked_to_write() -> bool {
    std::env::var("UPDATE").is_ok_and(|value| value == "1")
}

fn eur(amount: i64) -> Money {
    Money::new(amount, Currency::EUR)
}

fn order() -> OrderSummary {
    let address: Address = serde_json::from_value(json!({
        "name": "Ada Lovelace", "line1": "Hauptstraße 1", "city": "Berlin", "postal_code": "10115", "country": "DE",
    }))
    .unwrap();
    OrderSummary {
        order_id: "ord_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap(),
        number: "S7K3-9QXM-2F".into(),
        user_id: None,
        email: "ada@example.com".parse().unwrap(),
        locale: Locale::En,
        lines: vec![SummaryLine {
            sku: "LAMP-1".parse().unwrap(),
            title: "Brass lamp".into(),
            quantity: Quantity::new(2).unwrap(),
            unit_price: eur(1999),
            line_total: eur(3998),
        }],
        subtotal: eur(3998),
        discount: eur(0),
        shipping: eur(490),
        tax: eur(717),
        prices_include_tax: true,
        total: eur(4488),
        shipping_address: address,
        placed_at: Timestamp::parse("2026-11-23T05:07:25.123Z").unwrap(),
    }
}

#[test]
fn user_registered_reads_as_it_was_released() {
    check(UserRegistered {
        user_id: "8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d".parse().unwrap(),
        email: "ada@example.com".parse().unwrap(),
        name: "Ada Lovelace".into(),
        locale: Locale::En,
    });
}

#[test]
fn events_about_a_person_read_as_they_were_released() {
    let user_id: UserId = "8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d".parse().unwrap();
    let email: Email = "ada@example.com".parse().unwrap();
    let (name, locale) = (String::from("Ada Lovelace"), Locale::De);
    check(UserUpdated {
        user_id: user_id.clone(),
        email: email.clone(),
        old_email: Some("countess@example.com".parse().unwrap()),
        name: name.clone(),
        locale,
        since: Some("2026-11-20T10:00:00.000Z".parse().unwrap()),
    });
    check(UserDeleted { user_id: user_id.clone(), email: email.clone(), name: name.clone(), locale });
    check(PasswordChanged { user_id: user_id.clone(), email: email.clone(), name: name.clone(), locale });
    check(RegistrationAttempted { user_id, email, name, locale });
}

#[test]
fn events_about_an_export_read_as_they_were_released() {
    let export_id = "exp_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap();
    let user_id: UserId = "8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d".parse().unwrap();
    let email: Email = "ada@example.com".parse().unwrap();
    check(UserExportRequested { export_id, user_id: user_id.clone(), email: email.clone() });
    check(UserExportPartReady { export_id, user_id: user_id.clone(), service: "orders".into() });
    check(UserExportReady {
        export_id,
        user_id,
        email,
        name: "Ada Lovelace".into(),
        locale: Locale::De,
        expires_at: Timestamp::parse("2026-11-30T05:07:25.123Z").unwrap(),
    });
}

#[test]
fn product_changed_reads_as_it_was_released() {
    check(ProductChanged {
        product_id: "prod_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap(),
        slug: "brass-lamp".parse().unwrap(),
        title: "Brass lamp".into(),
        skus: vec!["LAMP-1".parse().unwrap()],
    });
}

#[test]
fn product_archived_reads_as_it_was_released() {
    check(ProductArchived {
        product_id: "prod_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap(),
        slug: "brass-lamp".parse().unwrap(),
        skus: vec!["LAMP-1".parse().unwrap()],
    });
}

#[test]
fn category_changed_reads_as_it_was_released() {
    check(CategoryChanged { category_id: "cat_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap() });
}

#[test]
fn export_requested_reads_as_it_was_released() {
    check(ExportRequested { export_id: "exp_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap() });
}

#[test]
fn events_about_stock_read_as_they_were_released() {
    let (sku, product_id) = ("LAMP-1".parse().unwrap(), "prod_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap());
    let (title, variant_title) = (String::from("Brass lamp"), String::from("Small"));
    let low = StockLow { sku, product_id, title, variant_title, available: 4, low_at: 5 };
    let back = BackInStock {
        sku: low.sku.clone(),
        product_id,
        slug: "brass-lamp".parse().unwrap(),
        title: low.title.clone(),
        variant_title: low.variant_title.clone(),
        email: "ada@example.com".parse().unwrap(),
        locale: Locale::De,
        user_id: Some("8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d".parse().unwrap()),
    };
    check(low);
    check(back);
}

#[test]
fn order_placed_reads_as_it_was_released() {
    let order = order();
    check(OrderPlaced {
        order_id: order.order_id,
        number: order.number,
        total: order.total,
        lines: vec![StockLine { sku: "LAMP-1".parse().unwrap(), quantity: Quantity::new(2).unwrap() }],
        expires_at: order.placed_at.plus_seconds(1800),
    });
}

#[test]
fn order_confirmed_reads_as_it_was_released() {
    check(OrderConfirmed { order: order() });
}

#[test]
fn order_cancelled_reads_as_it_was_released() {
    check(OrderCancelled { order: order(), reason: CancelReason::Expired });
}

#[test]
fn payment_events_read_as_they_were_released() {
    let payment_id = "pay_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap();
    let order_id = order().order_id;
    check(PaymentCaptured { payment_id, order_id, amount: eur(4488) });
    check(PaymentFailed { payment_id, order_id, code: "card_declined".into() });
    let refund_id = "ref_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap();
    check(PaymentRefunded { refund_id, payment_id, order_id, amount: eur(4488) });
}

#[test]
fn an_event_of_another_type_is_not_read() {
    let message = json!({ "detail-type": "OrderPlaced.v1", "detail": {} }).to_string();
    assert!(matches!(read_rule_message::<OrderConfirmed>(&message), Err(Unreadable::OtherType { .. })));
}

#[test]
fn a_field_that_a_newer_producer_added_is_ignored() {
    let data = PaymentFailed {
        payment_id: "pay_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap(),
        order_id: order().order_id,
        code: "card_declined".into(),
    };
    let mut newer = serde_json::to_value(envelope(data.clone())).unwrap();
    newer["data"]["advice"] = json!("try another card");
    assert_eq!(serde_json::from_value::<Envelope<PaymentFailed>>(newer).unwrap().data, data);
}
