//! `DELETE /carts/{id}/lines/{sku}`: nothing of a SKU any more.

use api::{Problem, Request, Response};
use kernel::Sku;

pub use super::change::Deps;
use super::change::{ChangeLine, LoadForChange, change};
use super::visitor::Visitor;

pub async fn handle<S: LoadForChange + ChangeLine>(deps: &Deps<S>, request: Request) -> Result<Response, Problem> {
    let visitor = Visitor::of(&request, &deps.auth).await?;
    let sku: Sku = request.path_parameter("sku")?;
    change(deps, &request, &visitor, &sku, |cart, _, _| cart.remove(&sku).map(Some)).await
}

#[cfg(test)]
mod tests {
    use api::Code;
    use testkit::json;
    use testkit::request::delete;

    use super::*;
    use crate::domain::Cart;
    use crate::domain::examples::cart;
    use crate::handlers::change::fake::{Shows, by_owner, deps};

    async fn remove(cart: Cart, sku: &str) -> Result<Response, Problem> {
        let request = by_owner(delete("/carts/x/lines/y")).path_parameter("sku", sku);
        handle(&deps(Shows::these([cart])), request.build()).await
    }

    #[tokio::test]
    async fn removing_answers_the_cart_without_the_line() {
        let view = json(&remove(cart().with_line("TEA", 5, 1999).with_line("MUG", 1, 500), "TEA").await.unwrap());
        assert_eq!((view["lines"].as_array().unwrap().len(), &view["total"]["amount"]), (1, &500.into()));
    }

    #[tokio::test]
    async fn a_line_that_is_not_there_is_not_found() {
        for sku in ["TEA", "no sku!"] {
            assert_eq!(remove(cart(), sku).await.unwrap_err().code(), Code::NotFound);
        }
    }

    #[tokio::test]
    async fn an_ordered_cart_keeps_its_lines() {
        let answer = remove(cart().with_line("TEA", 5, 1999).ordered(), "TEA").await;
        assert_eq!(answer.unwrap_err().code(), Code::CartNotOpen);
    }
}
