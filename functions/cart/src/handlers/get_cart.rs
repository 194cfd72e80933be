//! `GET /carts/{id}`: a cart at today's prices and stock.

use std::collections::BTreeMap;

use api::{Authenticator, Capability, Problem, Request, Response};
use catalog::interface::Offer;
use dynamo::StoreError;
use kernel::{CartId, Sku, Timestamp};

use crate::domain::{Cart, CartStatus};
use crate::handlers::view::{CartView, Offers};
use crate::handlers::visitor::Visitor;

pub trait LoadCart {
    async fn load_cart(&self, id: CartId) -> Result<Option<Cart>, StoreError>;
}

pub trait LoadOffers {
    /// The offers of `skus`; those that are not in the catalogue are left out.
    async fn load_offers(&self, skus: &[&Sku]) -> Result<BTreeMap<Sku, Offer>, StoreError>;
}

pub struct Deps<S> {
    pub carts: S,
    pub auth: Authenticator,
    pub capability: Capability,
    pub now: fn() -> Timestamp,
}

pub async fn handle(deps: &Deps<impl LoadCart + LoadOffers>, request: Request) -> Result<Response, Problem> {
    let visitor = Visitor::of(&request, &deps.auth).await?;
    let cart = deps.carts.load_cart(request.path_parameter("id")?).await?;
    let cart = visitor.open(cart, &deps.capability, (deps.now)())?;
    let offers = offers(&deps.carts, &cart).await?;
    Ok(Response::ok(&CartView::of(&cart, &offers)?))
}

/// What today's catalogue says of the lines. What became an order stays as it was, and needs no catalogue.
async fn offers(carts: &impl LoadOffers, cart: &Cart) -> Result<Offers, StoreError> {
    if cart.status == CartStatus::Ordered || cart.lines.is_empty() {
        return Ok(Offers::new());
    }
    let skus: Vec<_> = cart.lines.keys().collect();
    let mut found = carts.load_offers(&skus).await?;
    Ok(skus.into_iter().map(|sku| (sku.clone(), found.remove(sku))).collect())
}

#[cfg(test)]
mod tests {
    use api::Code;
    use serde_json::json;
    use testkit::request::{RequestBuilder, get};
    use testkit::{auth, json};

    use super::*;
    use crate::domain::examples::{NOW, USER, cart, cart_id, offer, order_id, sku};

    const OTHER_USER: &str = "11111111-2222-4333-8444-555555555555";

    struct Stored(Option<Cart>);

    impl LoadCart for Stored {
        async fn load_cart(&self, id: CartId) -> Result<Option<Cart>, StoreError> {
            Ok(self.0.clone().filter(|cart| cart.id == id))
        }
    }

    impl LoadOffers for Stored {
        async fn load_offers(&self, skus: &[&Sku]) -> Result<BTreeMap<Sku, Offer>, StoreError> {
            assert!(!skus.is_empty(), "an empty cart needs no catalogue");
            let known = skus.iter().filter(|sku| sku.as_str() != "GONE");
            Ok(known.map(|sku| ((*sku).clone(), offer(sku.as_str(), 2099))).collect())
        }
    }

    async fn get_from(
        stored: Option<Cart>,
        now: fn() -> Timestamp,
        request: RequestBuilder,
    ) -> Result<Response, Problem> {
        let capability = Capability::new(b"key");
        let deps = Deps { carts: Stored(stored), auth: auth::authenticator(), capability, now };
        handle(&deps, request.path_parameter("id", cart_id()).build()).await
    }

    fn with_token(cart: &Cart) -> RequestBuilder {
        get("/carts/x").header("cart-token", cart.token(&Capability::new(b"key")).unwrap_or_default())
    }

    async fn read(stored: Cart) -> serde_json::Value {
        let request = with_token(&stored);
        json(&get_from(Some(stored), || NOW, request).await.unwrap())
    }

    #[tokio::test]
    async fn a_cart_is_read_at_todays_prices() {
        let view = read(cart().with_line("TEA", 1, 1999).with_line("GONE", 1, 5)).await;
        assert_eq!(view["lines"][0]["issues"], json!([{ "code": "not_for_sale" }]));
        assert_eq!(view["lines"][1]["issues"][0]["code"], "price_changed");
        assert_eq!(view["total"]["amount"], 2099);
    }

    #[tokio::test]
    async fn an_empty_cart_is_read_without_the_catalogue() {
        assert_eq!(read(cart()).await["lines"], json!([]));
    }

    #[tokio::test]
    async fn an_ordered_cart_stays_as_it_was() {
        let view = read(cart().with_line("TEA", 1, 1999).ordered()).await;
        assert_eq!((&view["status"], &view["order_id"]), (&json!("ordered"), &json!(order_id())));
        assert_eq!((&view["total"]["amount"], &view["lines"][0]["issues"]), (&json!(1999), &json!([])));
        assert_eq!(view["lines"][0]["sku"], json!(sku("TEA")));
    }

    #[tokio::test]
    async fn a_cart_opens_only_to_its_owner() {
        let guests = cart();
        let users = cart().of_user(USER);
        let wrong_token = get("/carts/x").header("cart-token", Capability::new(b"other").token("cart", "x", 1));
        let signed_in = |user| get("/carts/x").signed_in(user, &[]);
        for (what, stored, request) in [
            ("no cart", None, get("/carts/x")),
            ("no token", Some(guests.clone()), get("/carts/x")),
            ("a wrong token", Some(guests.clone()), wrong_token),
            ("signed in but without the token", Some(guests.clone()), signed_in(USER)),
            ("a guest at a shopper's cart", Some(users.clone()), with_token(&guests)),
            ("another shopper", Some(users.clone()), signed_in(OTHER_USER)),
            ("an admin", Some(users.clone()), get("/carts/x").signed_in(OTHER_USER, &["admin"])),
        ] {
            let answer = get_from(stored, || NOW, request).await;
            assert_eq!(answer.expect_err(what).code(), Code::NotFound, "{what}");
        }
        assert!(get_from(Some(users), || NOW, signed_in(USER)).await.is_ok());
        let both = with_token(&guests).signed_in(OTHER_USER, &[]);
        assert!(get_from(Some(guests), || NOW, both).await.is_ok());
    }

    #[tokio::test]
    async fn an_expired_cart_is_gone() {
        let stored = cart();
        let (last, after) = (|| NOW.plus_seconds(30 * 86_400), || NOW.plus_seconds(30 * 86_400 + 1));
        assert!(get_from(Some(stored.clone()), last, with_token(&stored)).await.is_ok());
        let answer = get_from(Some(stored.clone()), after, with_token(&stored)).await;
        assert_eq!(answer.unwrap_err().code(), Code::NotFound);
    }
}
