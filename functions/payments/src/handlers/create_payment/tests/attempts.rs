//! Another card, another key, another request at the same moment: one payment that can be paid.

use super::*;
use crate::domain::Fact;
use crate::handlers::fakes::FakeIntent;

/// What another function writes, without a request.
fn learns(world: &World, fact: &Fact) {
    let row = world.payments.borrow().values().next().unwrap().clone();
    let body = row.body.learn("pi_1", fact, at(11)).unwrap().payment;
    world.payments.borrow_mut().insert(body.id, Row { version: row.version + 1, body, ..row });
}

fn declined() -> Fact {
    Fact::Failed(crate::domain::Failure { code: "card_declined".into(), detail: "The card was declined.".into() })
}

#[tokio::test]
async fn another_key_gets_the_payment_that_is_open_and_the_provider_is_not_asked() {
    let world = World::new();
    let first = pay(&world, "k").await.unwrap();
    let asked = world.asked.get();
    set_second(300);
    let other = pay(&world, "another").await.unwrap();
    assert_eq!((other.status().as_u16(), other.body()), (201, first.body()));
    assert_eq!(other.header_value("location"), first.header_value("location"));
    assert_eq!((world.asked.get(), world.intents.borrow().len()), (asked, 1));
    assert_eq!(world.order.borrow().expires_at, at(1200), "whoever is paying has time again");
    assert_eq!(pay(&world, "another").await.unwrap().header_value("idempotent-replayed"), Some("true"));
}

#[tokio::test]
async fn after_a_decline_another_card_goes_on_the_same_intent() {
    let world = World::new();
    let first = testkit::json(&pay(&world, "k").await.unwrap());
    learns(&world, &declined());
    let other = testkit::json(&pay(&world, "another").await.unwrap());
    assert_eq!((&other["id"], &other["client_secret"]), (&first["id"], &first["client_secret"]));
    assert_eq!((&other["status"], &other["failure"]["code"]), (&json!("failed"), &json!("card_declined")));
    assert_eq!(world.payments.borrow().len(), 1);
}

#[tokio::test]
async fn a_new_payment_follows_only_one_that_nobody_can_pay() {
    let world = World::new();
    let first = testkit::json(&pay(&world, "k").await.unwrap());
    learns(&world, &Fact::Cancelled);
    let other = testkit::json(&pay(&world, "another").await.unwrap());
    assert_ne!(other["id"], first["id"]);
    assert_eq!(world.payments.borrow().len(), 2);
    let attempts = world.attempts();
    assert_eq!((json!(attempts.live), attempts.payments.len()), (other["id"].clone(), 2));
}

#[tokio::test]
async fn after_a_refusal_for_good_another_key_starts_anew() {
    let world = World::new();
    world.trouble.set(Some(Trouble::AmountTooSmall));
    pay(&world, "k").await.unwrap();
    world.trouble.set(None);
    assert_eq!(testkit::json(&pay(&world, "another").await.unwrap())["status"], json!("pending"));
    assert_eq!(world.payments.borrow().len(), 2);
}

#[tokio::test]
async fn an_order_whose_money_is_there_takes_no_more() {
    let world = World::new();
    pay(&world, "k").await.unwrap();
    learns(&world, &Fact::Succeeded { amount: order().total });
    assert_eq!(refusal(&world, "another").await, Code::OrderNotPayable);
}

#[tokio::test]
async fn what_another_request_left_unopened_is_opened_by_the_next_under_any_key() {
    let mut points = 0;
    for point in 2.. {
        let world = World::new();
        world.die_at(point);
        let _ = pay(&world, "k").await;
        if !world.revive() {
            break;
        }
        points += 1;
        let other = pay(&world, "another").await.unwrap();
        set_second(60);
        let first = pay(&world, "k").await.unwrap();
        assert_eq!(testkit::json(&first)["id"], testkit::json(&other)["id"], "point {point}");
        assert_eq!((world.payments.borrow().len(), world.intents.borrow().len()), (1, 1), "point {point}");
    }
    assert_eq!(points, 6);
}

#[tokio::test]
async fn fifty_requests_at_once_come_to_one_payment_and_one_intent() {
    let world = World::new();
    let local = tokio::task::LocalSet::new();
    let requests: Vec<_> = (0..50)
        .map(|n| {
            let world = world.clone();
            local.spawn_local(async move { pay(&world, &format!("key-{n}")).await.unwrap().body().to_owned() })
        })
        .collect();
    local.await;
    let mut answers = std::collections::BTreeSet::new();
    for request in requests {
        answers.insert(request.await.unwrap());
    }
    assert_eq!((answers.len(), world.payments.borrow().len(), world.intents.borrow().len()), (1, 1, 1));
}

#[tokio::test]
async fn a_failure_that_stripe_keeps_for_its_key_is_asked_past() {
    let world = World::new();
    world.trouble.set(Some(Trouble::Failing));
    assert_eq!(refusal(&world, "k").await, Code::ProviderUnavailable);
    assert_eq!(testkit::json(&pay(&world, "k").await.unwrap())["status"], json!("pending"));
    assert_eq!((world.payment().failures, world.intents.borrow().len()), (1, 1));
}

#[tokio::test]
async fn an_intent_that_came_second_is_cancelled_and_the_first_shown() {
    let world = World::new();
    *world.meanwhile.borrow_mut() = Some(Box::new(|world| {
        let secret = "pi_0_secret_x".to_owned().into();
        let row = world.payments.borrow().values().next().unwrap().clone();
        let body = row.body.learn("pi_0", &Fact::Opened { client_secret: secret }, at(11)).unwrap().payment;
        world.payments.borrow_mut().insert(body.id, Row { version: row.version + 1, body, ..row });
    }));
    let response = testkit::json(&pay(&world, "k").await.unwrap());
    assert_eq!(response["client_secret"], json!("pi_0_secret_x"));
    let FakeIntent { id, status, .. } = world.intent();
    assert_eq!((id.as_str(), status), ("pi_1", "canceled"));
}
