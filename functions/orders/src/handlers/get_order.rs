//! `GET /orders/{id}`: an order, for its shopper or for the guest who has its token.

use api::{Authenticator, Capability, Code, Problem, Request, Response};
use dynamo::StoreError;
use kernel::OrderId;

use crate::domain::Order;
use crate::handlers::ORDER_TOKEN;
use crate::handlers::view::OrderView;

/// All this endpoint may do to the table; its role grants the same and no more.
pub trait FindOrder {
    async fn find_order(&self, id: OrderId) -> Result<Option<Order>, StoreError>;
}

pub struct Deps<S> {
    pub orders: S,
    pub auth: Authenticator,
    pub capability: Capability,
}

pub async fn handle(deps: &Deps<impl FindOrder>, request: Request) -> Result<Response, Problem> {
    let caller = deps.auth.caller(&request).await?;
    let id = request.path_parameter("id")?;
    let found = deps.orders.find_order(id).await?;
    let token = request.header(ORDER_TOKEN);
    let order = found.filter(|order| order.opens_to(&caller, token, &deps.capability));
    let order = order.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Response::ok(&OrderView::of(order)))
}

#[cfg(test)]
mod tests {
    use testkit::auth::authenticator;
    use testkit::{json, request};

    use super::*;
    use crate::domain::samples::{USER, free, pending, user_id};
    use crate::handlers::fakes::OneOrder;

    fn deps(order: Order) -> Deps<OneOrder> {
        Deps { orders: OneOrder::new(order), auth: authenticator(), capability: Capability::new(b"key") }
    }

    fn get(id: OrderId) -> request::RequestBuilder {
        request::get(&format!("/orders/{id}")).path_parameter("id", id)
    }

    #[tokio::test]
    async fn a_guest_sees_the_order_that_the_token_is_for() {
        let deps = deps(pending());
        let token = Order::first_guest_token(pending().id, &deps.capability);
        let answer = handle(&deps, get(pending().id).header(ORDER_TOKEN, token).build()).await.unwrap();
        let body = json(&answer);
        assert_eq!(body["number"], pending().number.as_str());
        assert_eq!(body["status"], "pending_payment");
        assert_eq!(body["expires_at"], "2026-11-23T05:30:00.000Z");
        assert_eq!(body["lines"][0]["shipped"], 0);
        assert!(body.get("token").is_none());
    }

    #[tokio::test]
    async fn a_shopper_sees_their_own_order() {
        let own = Order { user_id: Some(user_id()), ..pending() };
        let answer = handle(&deps(own), get(pending().id).signed_in(USER, &[]).build()).await.unwrap();
        assert_eq!(json(&answer)["id"], pending().id.to_string());
    }

    #[tokio::test]
    async fn somebody_else_s_order_is_not_there() {
        let refused = async |order: Order, request: request::RequestBuilder| {
            handle(&deps(order), request.build()).await.expect_err("not theirs").code()
        };
        let id = pending().id;
        let own = || Order { user_id: Some(user_id()), ..pending() };
        assert_eq!(refused(pending(), get(id)).await, Code::NotFound);
        assert_eq!(refused(pending(), get(id).header(ORDER_TOKEN, "x")).await, Code::NotFound);
        assert_eq!(refused(own(), get(id)).await, Code::NotFound);
        assert_eq!(
            refused(own(), get(id).signed_in("00000000-0000-4000-8000-000000000000", &[])).await,
            Code::NotFound
        );
    }

    #[tokio::test]
    async fn a_bad_token_is_never_a_guest() {
        let request = get(pending().id).header("authorization", "Bearer nonsense").build();
        assert_eq!(handle(&deps(pending()), request).await.expect_err("bad token").code(), Code::Unauthenticated);
    }

    #[tokio::test]
    async fn only_an_unpaid_order_says_until_when() {
        let deps = deps(free());
        let token = Order::first_guest_token(free().id, &deps.capability);
        let answer = handle(&deps, get(free().id).header(ORDER_TOKEN, token).build()).await.unwrap();
        assert!(json(&answer).get("expires_at").is_none());
    }
}
