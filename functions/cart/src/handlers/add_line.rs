//! `POST /carts/{id}/lines`: so many more of a SKU.

use api::{Code, Problem, Request, Response};
use kernel::{Quantity, Sku};
use schemars::JsonSchema;
use serde::Deserialize;

pub use super::change::Deps;
use super::change::{ChangeLine, LoadForChange, change};
use super::visitor::Visitor;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddLine {
    sku: Sku,
    quantity: Quantity,
}

pub async fn handle<S: LoadForChange + ChangeLine>(deps: &Deps<S>, request: Request) -> Result<Response, Problem> {
    let visitor = Visitor::of(&request, &deps.auth).await?;
    let AddLine { sku, quantity } = request.json()?;
    change(deps, &request, &visitor, &sku, |cart, offer, now| cart.add(&sku, offer, quantity, now).map(Some))
        .await
        .map_err(|problem| if problem.code() == Code::SkuNotFound { problem.at("/sku") } else { problem })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::json;
    use testkit::request::post;

    use super::*;
    use crate::domain::examples::{cart, order_id};
    use crate::domain::{Cart, LineChange};
    use crate::handlers::change::fake::{Shows, by_owner, deps};

    async fn add(carts: impl IntoIterator<Item = Cart>, sku: &str, units: i64) -> Result<Response, Problem> {
        let request = by_owner(post("/carts/x/lines")).json(json!({ "sku": sku, "quantity": units }));
        handle(&deps(Shows::these(carts)), request.build()).await
    }

    #[tokio::test]
    async fn adding_answers_the_whole_cart_with_the_touched_line_refreshed() {
        let view = json(&add([cart().with_line("TEA", 1, 1999).with_line("MUG", 1, 500)], "TEA", 2).await.unwrap());
        assert_eq!((&view["lines"][1]["quantity"], &view["lines"][1]["available"]), (&json!(3), &json!(10)));
        assert_eq!((view["lines"][0].get("available"), &view["version"]), (None, &json!(2)));
        assert_eq!(view["total"]["amount"], 3 * 2099 + 500);
    }

    #[tokio::test]
    async fn more_than_there_is_is_added_and_flagged() {
        let view = json(&add([cart()], "TEA", 11).await.unwrap());
        assert_eq!(view["lines"][0]["issues"], json!([{ "code": "insufficient_stock", "available": 10 }]));
    }

    #[tokio::test]
    async fn a_line_that_somebody_else_brought_in_between_is_added_to() {
        let deps = deps(Shows::these([cart(), cart().with_line("TEA", 1, 2099)]));
        let request = by_owner(post("/carts/x/lines")).json(json!({ "sku": "TEA", "quantity": 2 }));
        let view = json(&handle(&deps, request.build()).await.unwrap());
        assert_eq!(view["lines"][0]["quantity"], 3);
        assert!(matches!(*deps.carts.written.lock().unwrap(), Some(LineChange::Increase(_))));
    }

    #[tokio::test]
    async fn what_changed_in_between_decides_the_refusal() {
        let ordered = add([cart(), cart().ordered()], "TEA", 1).await.unwrap_err();
        assert_eq!((ordered.code(), ordered.field("order_id")), (Code::CartNotOpen, Some(&json!(order_id()))));
        let too_many = add([cart(), cart().with_line("TEA", 100, 2099)], "TEA", 1).await.unwrap_err();
        assert_eq!((too_many.code(), too_many.faults()[0].pointer.as_str()), (Code::QuantityTooLarge, "/quantity"));
    }

    #[tokio::test]
    async fn a_cart_that_keeps_changing_is_given_up_on() {
        let restless = (0..4).map(|_| cart());
        assert_eq!(add(restless, "TEA", 1).await.unwrap_err().code(), Code::CartChanged);
    }

    #[tokio::test]
    async fn an_unknown_sku_is_a_fault_of_the_sku() {
        let problem = add([cart()], "GONE", 1).await.unwrap_err();
        assert_eq!((problem.code(), problem.faults()[0].pointer.as_str()), (Code::SkuNotFound, "/sku"));
    }

    #[tokio::test]
    async fn all_faults_of_the_body_are_told_together() {
        let problem = add([cart()], "no sku!", 101).await.unwrap_err();
        let faults: Vec<_> = problem.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!((problem.code(), faults), (Code::ValidationFailed, vec!["/sku", "/quantity"]));
    }

    #[tokio::test]
    async fn a_stranger_finds_no_cart() {
        let request =
            post("/carts/x/lines").path_parameter("id", cart().id).json(json!({ "sku": "TEA", "quantity": 1 }));
        let deps = deps(Shows::these([cart()]));
        assert_eq!(handle(&deps, request.build()).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(*deps.carts.written.lock().unwrap(), None);
    }

    #[tokio::test]
    async fn who_calls_is_asked_before_what_they_say() {
        let request = by_owner(post("/carts/x/lines")).header("authorization", "Bearer nonsense").body("{");
        let problem = handle(&deps(Shows::these([cart()])), request.build()).await.unwrap_err();
        assert_eq!(problem.code(), Code::Unauthenticated);
    }
}
