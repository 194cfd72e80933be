//! `POST /orders/{id}/cancellations`: the shopper takes an unpaid order back. Its stock is free again.

use api::idempotency::{Claim, Record};
use api::{Authenticator, Capability, Code, Problem, Request, Response};
use dynamo::{Row, StoreError};
use kernel::{LongText, OrderId, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::Deserialize;
use tracing::info;

use crate::domain::Order;
use crate::handlers::ORDER_TOKEN;
use crate::handlers::transition::{Announcing, Once, SaveTransition, Saved, TRIES};
use crate::handlers::view::OrderView;

/// The order, and the answer that this request may have had before.
pub trait LoadCancellation {
    async fn load_cancellation(
        &self,
        id: OrderId,
        claim: &Claim,
    ) -> Result<(Option<Row<Order>>, Option<Row<Record>>), StoreError>;
}

pub struct Deps<S> {
    pub orders: S,
    pub auth: Authenticator,
    pub capability: Capability,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelOrder {
    /// Why, in the shopper's words.
    reason: Option<LongText<1, 500>>,
}

pub async fn handle(
    deps: &Deps<impl LoadCancellation + SaveTransition>,
    request: Request,
) -> Result<Response, Problem> {
    let caller = deps.auth.caller(&request).await?;
    let token = request.header(ORDER_TOKEN);
    let id = request.path_parameter("id")?;
    let claim = Claim::read(&request, "POST /orders/{id}/cancellations", &caller.principal(token))?;
    let CancelOrder { reason } = request.json()?;
    let now = (deps.now)();
    let announcing = Announcing { trace: request.trace().clone(), at: now, new_id: deps.new_id };

    for _ in 0..TRIES {
        let (found, record) = deps.orders.load_cancellation(id, &claim).await?;
        if let Some(replayed) = claim.replay(record, now)? {
            return Ok(replayed);
        }
        let found = found.filter(|row| row.body.opens_to(&caller, token, &deps.capability));
        let before = found.ok_or_else(|| Problem::new(Code::NotFound))?;
        let reason = reason.as_ref().map(|reason| reason.as_str());
        let (after, events) = before.body.clone().cancel(reason, now).map_err(refused)?;
        let response = Response::ok(&OrderView::of(after.clone()));
        if events.is_empty() {
            return Ok(response);
        }
        let once = Once::Request { claim: &claim, response: &response };
        if deps.orders.save_transition(&before, (after, events), once, &announcing).await? == Saved::Done {
            info!(order_id = %id, "cancelled order {id}");
            return Ok(response);
        }
    }
    Err(Problem::new(Code::TryAgain))
}

fn refused(error: crate::domain::OrderError) -> Problem {
    Problem::detailed(Code::OrderNotCancellable, error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::auth::authenticator;
    use testkit::{now, request};

    use super::*;
    use crate::domain::samples::{eur, pending};
    use crate::domain::{OrderEvent, OrderStatus};
    use crate::handlers::fakes::{OneOrder, new_id};

    fn deps(orders: OneOrder) -> Deps<OneOrder> {
        Deps { orders, auth: authenticator(), capability: Capability::new(b"key"), now, new_id }
    }

    fn cancel(deps: &Deps<OneOrder>) -> request::RequestBuilder {
        let id = pending().id;
        let token = Order::first_guest_token(pending().id, &deps.capability);
        request::post(&format!("/orders/{id}/cancellations"))
            .path_parameter("id", id)
            .header(ORDER_TOKEN, token)
            .idempotency_key("k1")
            .json(json!({ "reason": "Too slow" }))
    }

    #[tokio::test]
    async fn a_guest_cancels_an_unpaid_order() {
        let deps = deps(OneOrder::new(pending()));
        let body = testkit::json(&handle(&deps, cancel(&deps).build()).await.unwrap());
        assert_eq!((&body["status"], &body["payment_status"]), (&json!("cancelled"), &json!("voided")));
        assert_eq!(body["lines"][0]["cancelled"], 2);
        assert!(matches!(deps.orders.events.borrow().as_slice(), [OrderEvent::Cancelled(_)]));
    }

    #[tokio::test]
    async fn cancelling_again_answers_with_the_order_and_tells_nobody() {
        let deps = deps(OneOrder::new(pending().cancel(None, now()).unwrap().0));
        let body = testkit::json(&handle(&deps, cancel(&deps).build()).await.unwrap());
        assert_eq!(body["status"], "cancelled");
        assert!(deps.orders.events.borrow().is_empty());
    }

    #[tokio::test]
    async fn a_payment_that_is_faster_wins() {
        let paid = pending().confirm(eur(3490), now()).unwrap().0;
        let deps = deps(OneOrder::new(pending()).becoming(paid));
        let refused = handle(&deps, cancel(&deps).build()).await.expect_err("paid meanwhile");
        assert_eq!(refused.code(), Code::OrderNotCancellable);
        assert_eq!(deps.orders.status(), OrderStatus::Confirmed);
    }

    #[tokio::test]
    async fn without_the_order_s_token_there_is_no_such_order() {
        let deps = deps(OneOrder::new(pending()));
        let refused = handle(&deps, cancel(&deps).header(ORDER_TOKEN, "x").build()).await.expect_err("no token");
        assert_eq!(refused.code(), Code::NotFound);
        assert_eq!(deps.orders.order(), pending());
    }

    #[tokio::test]
    async fn a_key_that_was_used_for_something_else_changes_nothing() {
        let deps = deps(OneOrder::new(pending()).with_used_key());
        let refused = handle(&deps, cancel(&deps).build()).await.expect_err("another body");
        assert_eq!(refused.code(), Code::IdempotencyKeyReused);
        assert_eq!(deps.orders.order(), pending());
    }
}
