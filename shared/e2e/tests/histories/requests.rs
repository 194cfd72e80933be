//! What shoppers ask of the shop over HTTP.

use api::{Capability, Code, Problem, Response};
use kernel::OrderId;
use orders::domain::Order;
use orders::handlers::cancel_order;
use payments::handlers::create_payment;
use serde_json::json;

use crate::clock;
use crate::coverage::OrderFact;
use crate::goods::WINDOW;
use crate::work::{CLOCK, Work};
use crate::world::{Asks, World};

fn capability() -> Capability {
    Capability::new(b"key")
}

impl Work {
    /// Asks for a payment of `order`, under its key number `key`.
    pub(crate) fn pay(world: &World, order: OrderId, key: u8) -> Self {
        let name = format!("pay {order} with key {key}");
        let request = testkit::request::post(&format!("/orders/{order}/payments"))
            .path_parameter("id", order)
            .header("order-token", Order::first_guest_token(order, &capability()))
            .idempotency_key(&format!("key-{key}"))
            .json(json!({ "provider": "stripe" }))
            .build();
        let store = world.clone();
        let deps = create_payment::Deps {
            provider: store.clone(),
            store,
            auth: testkit::auth::authenticator(),
            capability: capability(),
            window: WINDOW,
            clock: CLOCK,
        };
        let world = world.clone();
        Self::new(name, async move {
            let answer = create_payment::handle(&deps, request).await;
            world.state().answered(Some((order, key)), answer);
            Ok::<_, String>(())
        })
    }

    pub(crate) fn cancel(world: &World, order: OrderId) -> Self {
        let request = testkit::request::post(&format!("/orders/{order}/cancellations"))
            .path_parameter("id", order)
            .header("order-token", Order::first_guest_token(order, &capability()))
            .idempotency_key(&clock::new_id().to_string())
            .json(json!({}))
            .build();
        let orders = world.asking(Asks::Order(OrderFact::Cancel));
        let deps = cancel_order::Deps {
            orders,
            auth: testkit::auth::authenticator(),
            capability: capability(),
            now: clock::now,
            new_id: clock::new_id,
        };
        let world = world.clone();
        Self::new(format!("cancel {order}"), async move {
            let answer = cancel_order::handle(&deps, request).await;
            world.state().answered(None, answer);
            Ok::<_, String>(())
        })
    }
}

impl crate::world::State {
    /// The same key has the same answer for ever, and no request meets a mistake of ours.
    fn answered(&mut self, key: Option<(OrderId, u8)>, answer: Result<Response, Problem>) {
        match answer {
            Ok(response) => {
                self.note(format_args!("    answered {} {}", response.status(), response.body()));
                let Some(key) = key else { return };
                let first = self.answers.entry(key).or_insert_with(|| response.body().to_owned()).clone();
                if first != response.body() {
                    self.wrong.push(format!("key {key:?} was answered {first}, and then {}", response.body()));
                }
            }
            Err(problem) => {
                self.note(format_args!("    refused: {}", problem.code().as_str()));
                if problem.code() == Code::InternalError {
                    self.wrong.push(format!("an internal error: {problem:?}"));
                }
            }
        }
    }
}
