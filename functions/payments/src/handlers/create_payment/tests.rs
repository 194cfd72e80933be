mod attempts;

use kernel::CartId;
use orders::interface::OrderStatus;
use serde_json::json;

use super::*;
use crate::domain::examples::{at, order};
use crate::domain::{Fact, PaymentStatus};
use crate::handlers::fakes::{Trouble, World, clock, set_second};

fn token() -> String {
    Capability::new(b"key").token("order", &order().id.to_string(), 1)
}

fn request(key: &str, body: serde_json::Value) -> Request {
    let id = order().id;
    testkit::request::post(&format!("/orders/{id}/payments"))
        .path_parameter("id", id)
        .header("order-token", token())
        .idempotency_key(key)
        .json(body)
        .build()
}

async fn send(world: &World, request: Request) -> Result<Response, Problem> {
    let deps = Deps {
        store: world.clone(),
        provider: world.clone(),
        auth: testkit::auth::authenticator(),
        capability: Capability::new(b"key"),
        window: PaymentWindow { extension_seconds: 900, max_seconds: 3600 },
        clock: clock(),
    };
    handle(&deps, request).await
}

async fn pay(world: &World, key: &str) -> Result<Response, Problem> {
    send(world, request(key, json!({ "provider": "stripe" }))).await
}

async fn refusal(world: &World, key: &str) -> Code {
    pay(world, key).await.expect_err("refused").code()
}

#[tokio::test]
async fn a_payment_is_opened_and_the_order_held_open_meanwhile() {
    let world = World::new();
    set_second(100);
    let response = pay(&world, "k").await.unwrap();
    let payment = world.payment();
    assert_eq!(response.status().as_u16(), 201);
    assert_eq!(response.header_value("location"), Some(format!("/v1/payments/{}", payment.id).as_str()));
    assert_eq!(
        testkit::json(&response),
        json!({
            "id": payment.id, "order_id": order().id, "provider": "stripe", "status": "pending",
            "amount": { "amount": 4599, "currency": "EUR" }, "refunded": { "amount": 0, "currency": "EUR" },
            "client_secret": "pi_1_secret_x", "created_at": at(100),
        })
    );
    assert_eq!((payment.status, payment.provider_id.as_deref()), (PaymentStatus::Pending, Some("pi_1")));
    assert_eq!(world.order.borrow().expires_at, at(1000));
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer() {
    let world = World::new();
    let first = pay(&world, "k").await.unwrap();
    let again = pay(&world, "k").await.unwrap();
    assert_eq!((again.status(), again.body()), (first.status(), first.body()));
    assert_eq!(again.header_value("idempotent-replayed"), Some("true"));
}

#[tokio::test]
async fn what_cannot_be_paid_is_refused_before_anything_is_written() {
    for (status, second) in
        [(OrderStatus::Confirmed, 10), (OrderStatus::Cancelled, 10), (OrderStatus::PendingPayment, 900)]
    {
        let world = World::new();
        set_second(second);
        world.order.borrow_mut().status = status;
        assert_eq!(refusal(&world, "k").await, Code::OrderNotPayable, "{status:?}");
        assert!(world.payments.borrow().is_empty() && world.records.borrow().is_empty());
    }
}

#[tokio::test]
async fn faults_of_the_request_are_named() {
    let world = World::new();
    let id = order().id;
    let plain = || testkit::request::post("/orders/x/payments").path_parameter("id", id);
    let stripe = json!({ "provider": "stripe" });
    let other_cart = Capability::new(b"key").token("cart", &CartId::new(id.ulid()).to_string(), 1);
    let table = [
        (plain().json(stripe.clone()).header("order-token", token()).build(), Code::IdempotencyKeyMissing),
        (plain().json(stripe.clone()).idempotency_key("k").build(), Code::NotFound),
        (plain().json(stripe.clone()).idempotency_key("k").header("order-token", other_cart).build(), Code::NotFound),
        (plain().json(stripe).idempotency_key("k").header("authorization", "Bearer x").build(), Code::Unauthenticated),
        (request("k", json!({ "provider": "cash" })), Code::ValidationFailed),
        (request("k", json!({ "provider": "stripe", "amount": 1 })), Code::ValidationFailed),
        (request("k", json!({})), Code::ValidationFailed),
    ];
    for (request, code) in table {
        assert_eq!(send(&world, request).await.expect_err("refused").code(), code);
    }
    assert!(world.payments.borrow().is_empty());
}

#[tokio::test]
async fn a_provider_that_does_not_answer_costs_a_try_and_no_second_payment() {
    for (trouble, code) in
        [(Trouble::Unavailable, Code::ProviderUnavailable), (Trouble::NotConfigured, Code::ProviderNotConfigured)]
    {
        let world = World::new();
        world.trouble.set(Some(trouble));
        assert_eq!(refusal(&world, "k").await, code);
        let left = world.payment();
        assert_eq!(left.status, PaymentStatus::Created);
        world.trouble.set(None);
        let response = pay(&world, "k").await.unwrap();
        assert_eq!(testkit::json(&response)["id"], json!(left.id));
        assert_eq!(world.payment().status, PaymentStatus::Pending);
    }
}

#[tokio::test]
async fn a_final_refusal_is_kept_under_the_key() {
    let world = World::new();
    world.trouble.set(Some(Trouble::AmountTooSmall));
    let refused = pay(&world, "k").await.unwrap();
    assert_eq!((refused.status().as_u16(), &testkit::json(&refused)["code"]), (422, &json!("amount_below_minimum")));
    world.trouble.set(None);
    let again = pay(&world, "k").await.unwrap();
    assert_eq!((again.status(), again.body()), (refused.status(), refused.body()));
    assert_eq!((world.payment().status, world.intents.borrow().len()), (PaymentStatus::Failed, 0));
}

#[tokio::test]
async fn a_second_request_with_the_key_waits_for_the_first() {
    let world = World::new();
    world.die_at(4);
    assert_eq!(refusal(&world, "k").await, Code::ProviderUnavailable);
    assert!(world.revive());
    set_second(39);
    assert_eq!(refusal(&world, "k").await, Code::IdempotencyInFlight);
    set_second(40);
    assert_eq!(pay(&world, "k").await.unwrap().status().as_u16(), 201);
}

#[tokio::test]
async fn after_a_crash_anywhere_the_same_key_comes_to_one_payment_and_one_intent() {
    let mut points = 0;
    for point in 1.. {
        let world = World::new();
        world.die_at(point);
        let _ = pay(&world, "k").await;
        if !world.revive() {
            break;
        }
        points += 1;
        set_second(60);
        let response = pay(&world, "k").await.unwrap();
        let again = pay(&world, "k").await.unwrap();
        assert_eq!(again.body(), response.body(), "point {point}");
        assert_eq!(
            (world.payment().status, world.intent().status),
            (PaymentStatus::Pending, "requires_payment_method")
        );
        assert_eq!(testkit::json(&response)["client_secret"], json!("pi_1_secret_x"));
    }
    // Load, begin, open and finish: one before each, one after each that writes.
    assert_eq!(points, 7);
}

/// What another function writes while Stripe is asked.
fn writes(world: &World, change: impl FnOnce(&Payment) -> Payment) {
    let row = world.payments.borrow().values().next().unwrap().clone();
    let body = change(&row.body);
    world.payments.borrow_mut().insert(body.id, Row { version: row.version + 1, body, ..row });
}

#[tokio::test]
async fn an_order_closed_meanwhile_gets_no_open_intent() {
    let world = World::new();
    *world.meanwhile.borrow_mut() = Some(Box::new(|world| {
        world.close_order();
        writes(world, |payment| payment.given_up(at(11)));
    }));
    assert_eq!(refusal(&world, "k").await, Code::OrderNotPayable);
    assert_eq!((world.payment().status, world.intent().status), (PaymentStatus::Cancelled, "canceled"));
    assert_eq!(refusal(&world, "k").await, Code::IdempotencyInFlight);
    set_second(60);
    assert_eq!(refusal(&world, "k").await, Code::OrderNotPayable);
}

#[tokio::test]
async fn a_webhook_that_overtakes_the_providers_answer_is_not_overwritten() {
    let world = World::new();
    *world.meanwhile.borrow_mut() = Some(Box::new(|world| {
        let paid = Fact::Succeeded { amount: order().total };
        writes(world, |payment| payment.learn("pi_1", &paid, at(11)).unwrap().payment);
    }));
    let response = pay(&world, "k").await.unwrap();
    assert_eq!(testkit::json(&response)["status"], json!("captured"));
    assert_eq!(world.payment().status, PaymentStatus::Captured);
    assert_eq!(pay(&world, "k").await.unwrap().body(), response.body());
}
