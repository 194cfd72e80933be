//! `PUT /carts/{id}/lines/{sku}`: exactly so many of a SKU.

use api::{Problem, Request, Response};
use kernel::{Invalid, Quantity, Sku};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

pub use super::change::Deps;
use super::change::{ChangeLine, LoadForChange, change};
use super::visitor::Visitor;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetLine {
    /// 0 removes the line.
    #[serde(deserialize_with = "none_or_some")]
    #[schemars(with = "u32", range(min = 0, max = 100))]
    quantity: Option<Quantity>,
}

pub async fn handle<S: LoadForChange + ChangeLine>(deps: &Deps<S>, request: Request) -> Result<Response, Problem> {
    let visitor = Visitor::of(&request, &deps.auth).await?;
    let sku: Sku = request.path_parameter("sku")?;
    let SetLine { quantity } = request.json()?;
    change(deps, &request, &visitor, &sku, |cart, offer, now| cart.set(&sku, offer, quantity, now)).await
}

fn none_or_some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Quantity>, D::Error> {
    let units = i64::deserialize(deserializer)?;
    if units == 0 {
        return Ok(None);
    }
    let sentence = "A line's quantity is a whole number from 0 to 100.";
    Quantity::new(units).map(Some).map_err(|_| serde::de::Error::custom(Invalid::new("invalid_quantity", sentence)))
}

#[cfg(test)]
mod tests {
    use api::Code;
    use serde_json::{Value, json};
    use testkit::json;
    use testkit::request::put;

    use super::*;
    use crate::domain::Cart;
    use crate::domain::examples::cart;
    use crate::handlers::change::fake::{Shows, by_owner, deps};

    async fn set(carts: impl IntoIterator<Item = Cart>, sku: &str, quantity: Value) -> Result<Response, Problem> {
        let request =
            by_owner(put("/carts/x/lines/y")).path_parameter("sku", sku).json(json!({ "quantity": quantity }));
        handle(&deps(Shows::these(carts)), request.build()).await
    }

    #[tokio::test]
    async fn a_line_gets_exactly_the_quantity_asked_for() {
        let view = json(&set([cart().with_line("TEA", 5, 1999)], "TEA", json!(2)).await.unwrap());
        assert_eq!((&view["lines"][0]["quantity"], &view["total"]["amount"]), (&json!(2), &json!(2 * 2099)));
        let view = json(&set([cart()], "TEA", json!(2)).await.unwrap());
        assert_eq!(view["lines"][0]["quantity"], 2);
    }

    #[tokio::test]
    async fn zero_removes_the_line_and_removing_again_changes_nothing() {
        let view = json(&set([cart().with_line("GONE", 5, 1999)], "GONE", json!(0)).await.unwrap());
        assert_eq!((&view["lines"], &view["version"]), (&json!([]), &json!(2)));
        let view = json(&set([cart()], "GONE", json!(0)).await.unwrap());
        assert_eq!((&view["lines"], &view["version"]), (&json!([]), &json!(1)));
    }

    #[tokio::test]
    async fn a_quantity_out_of_bounds_is_refused() {
        for quantity in [json!(-1), json!(101), json!(1.5), json!("1"), json!(null)] {
            let problem = set([cart()], "TEA", quantity).await.unwrap_err();
            assert_eq!((problem.code(), problem.faults()[0].pointer.as_str()), (Code::ValidationFailed, "/quantity"));
        }
    }

    #[tokio::test]
    async fn what_is_not_for_sale_cannot_be_set() {
        let answer = set([cart().with_line("GONE", 5, 1999)], "GONE", json!(6)).await;
        let problem = answer.unwrap_err();
        assert_eq!((problem.code(), problem.faults().len()), (Code::SkuNotFound, 0));
    }

    #[tokio::test]
    async fn an_ordered_cart_is_not_changed() {
        let answer = set([cart().with_line("TEA", 5, 1999).ordered()], "TEA", json!(0)).await;
        assert_eq!(answer.unwrap_err().code(), Code::CartNotOpen);
    }
}
