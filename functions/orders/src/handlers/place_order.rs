//! `POST /orders`: a cart becomes an order. Its stock is reserved and the cart closed in the same transaction.

use api::idempotency::{Claim, Record};
use api::{Authenticator, Caller, Capability, Code, Problem, Request, Response};
use cart::interface::{Cart, CartStatus};
use dynamo::{Row, StoreError};
use kernel::{Address, AddressId, AddressInput, CartId, Currency, Email, Faults, Money, Slug, Timestamp, Ulid, UserId};
use schemars::JsonSchema;
use serde::Deserialize;
use tracing::info;
use users::interface::Profile;

use self::difference::check_total;
use crate::domain::{Draft, Order, OrderEvent, Placing};
use crate::handlers::destination::Destination;
use crate::handlers::quote::{LoadCheckout, open_cart};
use crate::handlers::transition::{Announcing, Saved, TRIES};
use crate::handlers::view::OrderView;
use crate::handlers::{CART_TOKEN, language};

mod difference;

pub use difference::TotalChanged;

/// What is read first: a repeated request is answered before the cart is judged.
pub trait LoadPlacing {
    async fn load_placing(
        &self,
        cart: CartId,
        user: Option<&UserId>,
        saved: Option<AddressId>,
        claim: &Claim,
    ) -> Result<Found, StoreError>;
}

/// The one transaction: order, number, cart, stock, answer and events.
pub trait CommitOrder {
    async fn commit_order(
        &self,
        cart: &Cart,
        order: &Order,
        events: Vec<OrderEvent>,
        answered: (&Claim, &Response),
        announcing: &Announcing,
    ) -> Result<Saved, StoreError>;
}

pub struct Found {
    pub cart: Option<Cart>,
    pub record: Option<Row<Record>>,
    pub profile: Option<Profile>,
    /// Of the shopper's book, where one is asked for.
    pub address: Option<Address>,
}

pub struct Deps<S> {
    pub store: S,
    pub auth: Authenticator,
    pub capability: Capability,
    pub currency: Currency,
    pub payment_window_seconds: i64,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceOrder {
    cart_id: CartId,
    /// The total that the shopper agreed to: `total` of the quote.
    expected_total: Money,
    shipping_method: Slug,
    /// Where to, unless `address_id` says it.
    shipping_address: Option<AddressInput>,
    /// An address of the shopper's book, in the place of `shipping_address`.
    address_id: Option<AddressId>,
    /// The shipping address, unless another one is given.
    billing_address: Option<AddressInput>,
    /// Guests need one; a shopper's account has one.
    email: Option<Email>,
}

pub async fn handle(
    deps: &Deps<impl LoadPlacing + LoadCheckout + CommitOrder>,
    request: Request,
) -> Result<Response, Problem> {
    let caller = deps.auth.caller(&request).await?;
    let token = request.header(CART_TOKEN);
    let claim = Claim::read(&request, "POST /orders", &caller.principal(token))?;
    let wish: PlaceOrder = request.json()?;
    let (destination, billing_address) = wish.addresses()?;
    let now = (deps.now)();
    let announcing = Announcing { trace: request.trace().clone(), at: now, new_id: deps.new_id };

    let mut lost_at = None;
    for _ in 0..TRIES {
        let found = look(&deps.store, wish.cart_id, &caller, destination.saved(), &claim).await?;
        if let Some(replayed) = claim.replay(found.record, now)? {
            return with_guest_token(replayed, &caller, &deps.capability);
        }
        let cart = open_cart(found.cart, &caller, token, &deps.capability, now)?;
        if lost_at.is_some_and(|version| version != cart.version) {
            return Err(Problem::new(Code::CartChanged));
        }
        let email = wish.email(found.profile.as_ref())?;
        let shipping_address = destination.resolve(found.address)?;
        let (offers, settings) = deps.store.load_checkout(&cart, deps.currency).await?;
        let draft = Draft::price(&cart, &offers, &settings, shipping_address, Some(&wish.shipping_method))
            .map_err(|error| destination.blame(error.into()))?;
        draft.check_stock(&offers)?;
        check_total(wish.expected_total, &draft, &cart)?;
        let (order, events) = Order::place(
            draft,
            Placing {
                id: (deps.new_id)().into(),
                cart_id: cart.id,
                user_id: caller.user_id().cloned(),
                email,
                locale: locale(&request, found.profile.as_ref()),
                billing_address: billing_address.clone(),
                at: now,
                trace: request.trace().clone(),
                window_seconds: deps.payment_window_seconds,
            },
        );
        let response = Response::created(&format!("/orders/{}", order.id), &OrderView::of(order.clone()));
        match deps.store.commit_order(&cart, &order, events, (&claim, &response), &announcing).await? {
            Saved::Done => {
                info!(order_id = %order.id, cart_id = %cart.id, "placed order {}", order.id);
                telemetry::count("orders", "OrdersPlaced", 1);
                return with_guest_token(response, &caller, &deps.capability);
            }
            // Reading again tells why: answered meanwhile, cart ordered or changed, price changed, sold out, or none of them.
            Saved::Raced => lost_at = Some(cart.version),
        }
    }
    Err(Problem::new(Code::TryAgain))
}

/// What is there before the order. A batch reads its items one after another: a cart that is ordered beside a request that is not answered
/// may be this request's own doing, just between the two. The second look tells.
async fn look(
    store: &impl LoadPlacing,
    cart: CartId,
    caller: &Caller,
    saved: Option<AddressId>,
    claim: &Claim,
) -> Result<Found, StoreError> {
    let found = store.load_placing(cart, caller.user_id(), saved, claim).await?;
    let is_ordered = found.cart.as_ref().is_some_and(|cart| cart.status == CartStatus::Ordered);
    if is_ordered && found.record.is_none() {
        return store.load_placing(cart, caller.user_id(), saved, claim).await;
    }
    Ok(found)
}

/// A guest's answer with the token that opens the order: computed for each answer, so that no table holds it.
fn with_guest_token(response: Response, caller: &Caller, capability: &Capability) -> Result<Response, Problem> {
    if caller.user_id().is_some() {
        return Ok(response);
    }
    let id = response.member("id").and_then(|id| id.as_str()?.parse().ok());
    let id = id.ok_or_else(|| Problem::internal("an answer to placing an order names no order"))?;
    Ok(response.with_member("token", Order::first_guest_token(id, capability)))
}

fn locale(request: &Request, profile: Option<&Profile>) -> kernel::Locale {
    let preferred = language::preferred(request.header("accept-language"));
    preferred.or(profile.map(|profile| profile.locale)).unwrap_or_default()
}

impl PlaceOrder {
    fn addresses(&self) -> Result<(Destination, Option<Address>), Problem> {
        let mut faults = Faults::new();
        let shipping = Destination::read(&mut faults, self.shipping_address.as_ref(), self.address_id);
        let billing = self.billing_address.as_ref().and_then(|input| faults.nest("/billing_address", input.check()));
        if self.email.as_ref().is_some_and(|email| !email.can_exist()) {
            faults.push("/email", "invalid_email", "No mail reaches this address.");
        }
        match shipping {
            Some(shipping) if faults.is_empty() => Ok((shipping, billing)),
            _ => Err(Problem::invalid(faults.into_vec())),
        }
    }

    fn email(&self, profile: Option<&Profile>) -> Result<Email, Problem> {
        let email = self.email.clone().or_else(|| profile.map(|profile| profile.email.clone()));
        email.ok_or_else(|| Problem::new(Code::EmailRequired).at("/email"))
    }
}

#[cfg(test)]
mod tests;
