//! What the endpoints that change one line have in common: read, decide, write under the conditions of what was read.

use api::{Authenticator, Capability, Code, Problem, Request, Response};
use catalog::interface::Offer;
use dynamo::{StoreError, WriteError};
use kernel::{CartId, Sku, Timestamp};

use crate::domain::{Cart, LineChange, Refusal};
use crate::handlers::view::{CartView, Offers};
use crate::handlers::visitor::Visitor;

/// Tries of a change whose line came or went between reading and writing.
const TRIES: u32 = 3;

pub trait LoadForChange {
    /// The cart, and what is offered as `sku`, in one call.
    async fn load_for_change(&self, id: CartId, sku: &Sku) -> Result<(Option<Cart>, Option<Offer>), StoreError>;
}

pub trait ChangeLine {
    /// The cart after `change`. Refused when the cart is no longer one that takes it.
    async fn change_line(
        &self,
        cart: &Cart,
        sku: &Sku,
        change: LineChange,
        now: Timestamp,
    ) -> Result<Cart, WriteError<()>>;
}

pub struct Deps<S> {
    pub carts: S,
    pub auth: Authenticator,
    pub capability: Capability,
    pub now: fn() -> Timestamp,
}

/// Changes the line of `sku` as `decide` says and answers the whole cart.
///
/// A refused write means that the cart is not what it was: it is read and decided again, so that the answer is about the cart as it
/// is. Adding at the same time needs one more try at most, when somebody else brought the line.
pub(crate) async fn change<S: LoadForChange + ChangeLine>(
    deps: &Deps<S>,
    request: &Request,
    visitor: &Visitor,
    sku: &Sku,
    decide: impl Fn(&Cart, Option<&Offer>, Timestamp) -> Result<Option<LineChange>, Refusal>,
) -> Result<Response, Problem> {
    let id = request.path_parameter("id")?;
    for _ in 0..TRIES {
        let now = (deps.now)();
        let (cart, offer) = deps.carts.load_for_change(id, sku).await?;
        let cart = visitor.open(cart, &deps.capability, now)?;
        let written = match decide(&cart, offer.as_ref(), now).map_err(refused)? {
            None => Ok(cart),
            Some(change) => deps.carts.change_line(&cart, sku, change, now).await,
        };
        match written {
            Ok(cart) => {
                let touched = Offers::from([(sku.clone(), offer)]);
                return Ok(Response::ok(&CartView::of(&cart, &touched)?));
            }
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::CartChanged))
}

fn refused(refusal: Refusal) -> Problem {
    let problem = |code| Problem::detailed(code, refusal.to_string());
    match refusal {
        Refusal::NotOpen { order_id } => problem(Code::CartNotOpen).with("order_id", order_id),
        Refusal::QuantityTooLarge => problem(Code::QuantityTooLarge).at("/quantity"),
        Refusal::Full => problem(Code::CartFull),
        Refusal::SkuNotForSale => problem(Code::SkuNotFound),
        Refusal::NoSuchLine => problem(Code::NotFound),
    }
}

#[cfg(test)]
pub(crate) mod fake {
    use std::sync::Mutex;

    use testkit::request::RequestBuilder;

    use super::*;
    use crate::domain::CartLine;
    use crate::domain::examples::{NOW, cart_id, offer};

    /// A table that shows one cart after the other, and refuses the writes made on all but the last.
    pub(crate) struct Shows {
        carts: Mutex<Vec<Cart>>,
        pub(crate) written: Mutex<Option<LineChange>>,
    }

    impl Shows {
        pub(crate) fn these(carts: impl IntoIterator<Item = Cart>) -> Self {
            let mut carts: Vec<_> = carts.into_iter().collect();
            carts.reverse();
            Self { carts: Mutex::new(carts), written: Mutex::new(None) }
        }
    }

    impl LoadForChange for Shows {
        async fn load_for_change(&self, _: CartId, sku: &Sku) -> Result<(Option<Cart>, Option<Offer>), StoreError> {
            let offer = (sku.as_str() != "GONE").then(|| offer(sku.as_str(), 2099));
            Ok((self.carts.lock().unwrap().last().cloned(), offer))
        }
    }

    impl ChangeLine for Shows {
        async fn change_line(
            &self,
            cart: &Cart,
            sku: &Sku,
            change: LineChange,
            _: Timestamp,
        ) -> Result<Cart, WriteError<()>> {
            let mut carts = self.carts.lock().unwrap();
            if carts.len() > 1 {
                carts.pop();
                return Err(WriteError::Refused(vec![()]));
            }
            *self.written.lock().unwrap() = Some(change.clone());
            Ok(applied(cart.clone(), sku, change))
        }
    }

    fn applied(mut cart: Cart, sku: &Sku, change: LineChange) -> Cart {
        match change {
            LineChange::Insert(line) | LineChange::Replace(line) => {
                cart.lines.insert(sku.clone(), line);
            }
            LineChange::Increase(line) => {
                let quantity = cart.lines[sku].quantity.checked_add(line.quantity).unwrap();
                cart.lines.insert(sku.clone(), CartLine { quantity, ..line });
            }
            LineChange::Remove => {
                cart.lines.remove(sku);
            }
        }
        Cart { version: cart.version + 1, ..cart }
    }

    pub(crate) fn deps(carts: Shows) -> Deps<Shows> {
        let auth = testkit::auth::authenticator();
        Deps { carts, auth, capability: Capability::new(b"key"), now: || NOW }
    }

    /// A request of the guest who owns the cart.
    pub(crate) fn by_owner(request: RequestBuilder) -> RequestBuilder {
        let token = Capability::new(b"key").token("cart", &cart_id().to_string(), 1);
        request.path_parameter("id", cart_id()).header("cart-token", token)
    }
}
