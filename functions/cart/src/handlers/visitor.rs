use api::{Authenticator, Caller, Capability, Code, Problem, Request};
use kernel::Timestamp;

use crate::domain::Cart;

/// Whoever asks for a cart, with what they show.
pub(crate) struct Visitor {
    caller: Caller,
    token: Option<String>,
}

impl Visitor {
    pub(crate) async fn of(request: &Request, auth: &Authenticator) -> Result<Self, Problem> {
        let token = request.header("cart-token").map(str::to_owned);
        Ok(Self { caller: auth.caller(request).await?, token })
    }

    /// The cart, if it is there for this visitor. Somebody else's looks like none; only the log knows the difference.
    pub(crate) fn open(&self, cart: Option<Cart>, capability: &Capability, now: Timestamp) -> Result<Cart, Problem> {
        let hidden = |why: &'static str| Problem::new(Code::NotFound).because(why);
        let cart = cart.ok_or_else(|| Problem::new(Code::NotFound))?;
        if !cart.opens_to(&self.caller, self.token.as_deref(), capability) {
            return Err(hidden("the cart does not open to this caller"));
        }
        if cart.is_expired(now) { Err(hidden("the cart has expired")) } else { Ok(cart) }
    }
}
