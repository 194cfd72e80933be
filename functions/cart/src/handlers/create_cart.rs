//! `POST /carts`: a new cart, for a guest or for the shopper who is signed in.

use api::{Authenticator, Caller, Capability, Problem, Request, Response};
use dynamo::WriteError;
use kernel::{CartId, Currency, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{Cart, CartOwner};
use crate::handlers::view::{CartView, Offers};

/// All this endpoint may do to the table; its role grants the same and no more.
pub trait InsertCart {
    async fn insert_cart(&self, cart: &Cart) -> Result<(), WriteError<()>>;
}

pub struct Deps<S> {
    pub carts: S,
    pub auth: Authenticator,
    pub capability: Capability,
    pub currency: Currency,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

/// Nothing needs to be said; the body may be left out.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCart {}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CreatedCart")]
pub struct CreatedCartView {
    #[serde(flatten)]
    cart: CartView,
    /// Opens a guest's cart: send it as `Cart-Token`. It is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

pub async fn handle(deps: &Deps<impl InsertCart>, request: Request) -> Result<Response, Problem> {
    let owner = match deps.auth.caller(&request).await? {
        Caller::Guest => CartOwner::Guest { token_version: 1 },
        Caller::User(user) => CartOwner::User { user_id: user.id },
    };
    if !request.raw_body().is_empty() {
        let CreateCart {} = request.json()?;
    }
    let cart = Cart::new(CartId::new((deps.new_id)()), owner, deps.currency, (deps.now)());
    let taken = |()| Problem::internal("the new id belongs to another cart");
    deps.carts.insert_cart(&cart).await.map_err(|error| error.on_refused(taken))?;
    let view = CreatedCartView { cart: CartView::of(&cart, &Offers::new())?, token: cart.token(&deps.capability) };
    Ok(Response::created(&format!("/carts/{}", cart.id), &view))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use api::Code;
    use kernel::{UserId, ulid_at};
    use testkit::request::{RequestBuilder, post};
    use testkit::{auth, json};

    use super::*;
    use crate::domain::examples::{NOW, USER};

    #[derive(Default)]
    struct Inserted(Mutex<Vec<Cart>>);

    impl InsertCart for Inserted {
        async fn insert_cart(&self, cart: &Cart) -> Result<(), WriteError<()>> {
            self.0.lock().unwrap().push(cart.clone());
            Ok(())
        }
    }

    async fn create(request: RequestBuilder) -> (Vec<Cart>, Result<Response, Problem>) {
        let deps = Deps {
            carts: Inserted::default(),
            auth: auth::authenticator(),
            capability: Capability::new(b"key"),
            currency: Currency::EUR,
            now: || NOW,
            new_id: || ulid_at(NOW, 7),
        };
        let answer = handle(&deps, request.build()).await;
        (deps.carts.0.into_inner().unwrap(), answer)
    }

    #[tokio::test]
    async fn a_guest_gets_a_cart_with_the_token_that_opens_it() {
        let (stored, answer) = create(post("/carts")).await;
        let answer = answer.unwrap();
        let body = json(&answer);
        assert_eq!(answer.status().as_u16(), 201);
        assert_eq!(answer.header_value("location"), Some(format!("/v1/carts/{}", stored[0].id).as_str()));
        let token = body["token"].as_str().unwrap();
        assert!(stored[0].opens_to(&Caller::Guest, Some(token), &Capability::new(b"key")));
        assert_eq!(stored[0].expires_at, NOW.plus_seconds(30 * 24 * 60 * 60));
    }

    #[tokio::test]
    async fn a_shoppers_cart_belongs_to_them_and_has_no_token() {
        let (stored, answer) = create(post("/carts").signed_in(USER, &[]).body("{}")).await;
        assert_eq!(stored[0].owner, CartOwner::User { user_id: UserId::parse(USER).unwrap() });
        assert_eq!(json(&answer.unwrap()).get("token"), None);
        assert_eq!(stored[0].expires_at, NOW.plus_seconds(90 * 24 * 60 * 60));
    }

    #[tokio::test]
    async fn a_bad_token_makes_no_guest_cart() {
        let (stored, answer) = create(post("/carts").header("authorization", "Bearer nonsense")).await;
        assert_eq!((stored.len(), answer.unwrap_err().code()), (0, Code::Unauthenticated));
    }

    #[tokio::test]
    async fn a_body_that_says_more_is_refused() {
        for (body, code) in [("{\"lines\":[]}", Code::ValidationFailed), ("{", Code::MalformedJson)] {
            let (stored, answer) = create(post("/carts").body(body)).await;
            assert_eq!((stored.len(), answer.unwrap_err().code()), (0, code));
        }
    }
}
