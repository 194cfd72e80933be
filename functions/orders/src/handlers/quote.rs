//! `POST /quotes`: what a cart would cost, delivered to an address. Nothing is written.

use std::collections::BTreeMap;

use api::{Authenticator, Caller, Capability, Code, Problem, Request, Response};
use cart::interface::{Cart, CartStatus};
use catalog::interface::Offer;
use dynamo::StoreError;
use kernel::{Address, AddressId, AddressInput, CartId, Currency, Faults, Money, Sku, Slug, Timestamp, UserId};
use pricing::{Rate, ShippingOption, TaxLine};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{Discount, Draft, DraftLine, Settings};
use crate::handlers::CART_TOKEN;
use crate::handlers::destination::Destination;
use crate::handlers::refusal::CartAlreadyOrdered;

pub trait LoadCart {
    /// The cart, and the address of somebody's book where one is asked for.
    async fn load_cart(
        &self,
        id: CartId,
        saved: Option<(&UserId, AddressId)>,
    ) -> Result<(Option<Cart>, Option<Address>), StoreError>;
}

/// All that prices depend on, as it is now: the cart's offers and the shop's settings.
pub trait LoadCheckout {
    async fn load_checkout(
        &self,
        cart: &Cart,
        currency: Currency,
    ) -> Result<(BTreeMap<Sku, Offer>, Settings), StoreError>;
}

pub struct Deps<S> {
    pub checkout: S,
    pub auth: Authenticator,
    pub capability: Capability,
    pub currency: Currency,
    pub now: fn() -> Timestamp,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteRequest {
    cart_id: CartId,
    /// Where to, unless `address_id` says it.
    shipping_address: Option<AddressInput>,
    /// An address of the shopper's book, in the place of `shipping_address`.
    address_id: Option<AddressId>,
    /// Without one, the cheapest is priced.
    shipping_method: Option<Slug>,
}

pub async fn handle(deps: &Deps<impl LoadCart + LoadCheckout>, request: Request) -> Result<Response, Problem> {
    let caller = deps.auth.caller(&request).await?;
    let asked: QuoteRequest = request.json()?;
    let mut faults = Faults::new();
    let destination = Destination::read(&mut faults, asked.shipping_address.as_ref(), asked.address_id);
    let destination = destination.ok_or_else(|| Problem::invalid(faults.into_vec()))?;
    let (found, address) = deps.checkout.load_cart(asked.cart_id, caller.user_id().zip(destination.saved())).await?;
    let cart = open_cart(found, &caller, request.header(CART_TOKEN), &deps.capability, (deps.now)())?;
    let address = destination.resolve(address)?;
    let (offers, settings) = deps.checkout.load_checkout(&cart, deps.currency).await?;
    let draft = Draft::price(&cart, &offers, &settings, address, asked.shipping_method.as_ref());
    let draft = draft.map_err(|error| destination.blame(error.into()))?;
    Ok(Response::ok(&QuoteView::of(draft)))
}

/// The cart, if the caller may order it.
///
/// # Errors
/// 404 for somebody else's, 409 for one that is ordered already, 422 for an empty one.
pub(crate) fn open_cart(
    found: Option<Cart>,
    caller: &Caller,
    token: Option<&str>,
    capability: &Capability,
    now: Timestamp,
) -> Result<Cart, Problem> {
    let cart = found.filter(|cart| !cart.is_expired(now) && cart.opens_to(caller, token, capability));
    let cart = cart.ok_or_else(|| Problem::detailed(Code::NotFound, "There is no such cart."))?;
    match cart.status {
        CartStatus::Ordered => {
            Err(Problem::new(Code::CartAlreadyOrdered).telling(CartAlreadyOrdered { order_id: cart.order_id }))
        }
        CartStatus::Open if cart.lines.is_empty() => Err(Problem::new(Code::CartEmpty)),
        CartStatus::Open => Ok(cart),
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Quote")]
pub struct QuoteView {
    lines: Vec<DraftLine>,
    discounts: Vec<Discount>,
    subtotal: Money,
    discount: Money,
    shipping: Money,
    /// Tax on shipping; part of `tax`.
    shipping_tax: Money,
    shipping_tax_rate: Rate,
    tax: Money,
    tax_lines: Vec<TaxLine>,
    /// Whether tax is contained in the prices, or comes on top of them.
    prices_include_tax: bool,
    /// What to send as `expected_total` to place the order.
    total: Money,
    /// The way of shipping that is priced.
    shipping_method: ShippingOption,
    /// All ways of shipping, the cheapest first.
    shipping_options: Vec<ShippingOption>,
}

impl QuoteView {
    fn of(draft: Draft) -> Self {
        let quote = draft.quote;
        Self {
            lines: draft.lines,
            discounts: draft.discounts,
            subtotal: quote.subtotal,
            discount: quote.discount,
            shipping: quote.shipping,
            shipping_tax: quote.shipping_tax,
            shipping_tax_rate: quote.shipping_tax_rate,
            tax: quote.tax,
            tax_lines: quote.tax_lines,
            prices_include_tax: quote.prices_include_tax,
            total: quote.total,
            shipping_method: quote.shipping_method,
            shipping_options: quote.shipping_options,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::OrderId;
    use serde_json::{Value, json};
    use testkit::auth::authenticator;
    use testkit::{now, request};

    use super::*;
    use crate::domain::samples;

    struct Shop(Cart);

    impl LoadCart for Shop {
        async fn load_cart(
            &self,
            id: CartId,
            saved: Option<(&UserId, AddressId)>,
        ) -> Result<(Option<Cart>, Option<Address>), StoreError> {
            let is_known = saved == Some((&samples::user_id(), samples::address_id()));
            Ok(((self.0.id == id).then(|| self.0.clone()), is_known.then(samples::address)))
        }
    }

    impl LoadCheckout for Shop {
        async fn load_checkout(&self, _: &Cart, _: Currency) -> Result<(BTreeMap<Sku, Offer>, Settings), StoreError> {
            Ok((samples::offers([samples::offer("A", 1000, 1)]), samples::settings(true)))
        }
    }

    async fn quote(cart: Cart, change: impl FnOnce(&mut Value)) -> Result<Response, Problem> {
        quote_for(cart, change, |request| request).await
    }

    async fn quote_for(
        cart: Cart,
        change: impl FnOnce(&mut Value),
        by: impl FnOnce(request::RequestBuilder) -> request::RequestBuilder,
    ) -> Result<Response, Problem> {
        let capability = Capability::new(b"key");
        let token = capability.token("cart", &cart.id.to_string(), 1);
        let mut body = json!({
            "cart_id": cart.id,
            "shipping_address": { "name": "Ada", "line1": "Street 1", "city": "Berlin", "postal_code": "10115", "country": "DE" },
        });
        change(&mut body);
        let deps = Deps { checkout: Shop(cart), auth: authenticator(), capability, currency: Currency::EUR, now };
        handle(&deps, by(request::post("/quotes").header(CART_TOKEN, token).json(body)).build()).await
    }

    #[tokio::test]
    async fn a_cart_is_priced_with_tax_and_shipping() {
        let answer = quote(samples::cart(&[("A", 2)]), |_| ()).await.unwrap();
        let body = testkit::json(&answer);
        assert_eq!(body["total"], json!({ "amount": 2490, "currency": "EUR" }));
        assert_eq!(body["tax_lines"][0]["title"], "VAT 19%");
        assert_eq!(body["lines"][0]["title"], "Product A");
        assert_eq!(body["shipping_method"]["id"], "standard");
        let ids: Vec<_> = body["shipping_options"].as_array().unwrap().iter().map(|option| &option["id"]).collect();
        assert_eq!(ids, ["standard", "express"]);
    }

    #[tokio::test]
    async fn what_cannot_be_delivered_says_which_part_of_the_request_is_to_blame() {
        let cart = || samples::cart(&[("A", 1)]);
        let problem = quote(cart(), |body| body["shipping_address"]["country"] = json!("AT")).await;
        let problem = problem.expect_err("a postal code of another country, at least");
        assert_eq!(problem.faults()[0].pointer, "/shipping_address/postal_code");
        let to_vienna = |body: &mut Value| {
            body["shipping_address"]["country"] = json!("AT");
            body["shipping_address"]["postal_code"] = json!("1010");
        };
        let problem = quote(cart(), to_vienna).await.expect_err("no rate for Austria");
        assert_eq!(
            (problem.code(), problem.faults()[0].pointer.as_str()),
            (Code::TaxRateMissing, "/shipping_address/country")
        );
        let problem = quote(cart(), |body| body["shipping_method"] = json!("drone")).await.expect_err("no drones");
        assert_eq!(
            (problem.code(), problem.faults()[0].pointer.as_str()),
            (Code::ShippingMethodUnknown, "/shipping_method")
        );
    }

    #[tokio::test]
    async fn a_shopper_has_it_delivered_to_an_address_of_their_book_and_a_guest_has_none() {
        let by_id = |id: AddressId| {
            move |body: &mut Value| {
                body.as_object_mut().unwrap().remove("shipping_address");
                body["address_id"] = json!(id);
            }
        };
        let (known, unknown) = (samples::address_id(), kernel::Ulid(7).into());
        let shopper = |request: request::RequestBuilder| request.signed_in(samples::USER, &[]);
        let cart = || Cart {
            owner: cart::interface::CartOwner::User { user_id: samples::user_id() },
            ..samples::cart(&[("A", 2)])
        };
        let answer = quote_for(cart(), by_id(known), shopper).await.unwrap();
        assert_eq!(testkit::json(&answer)["total"]["amount"], 2490);
        let not_theirs = quote_for(cart(), by_id(unknown), shopper).await;
        let guest = quote(samples::cart(&[("A", 2)]), by_id(known)).await;
        for refused in [not_theirs, guest] {
            let problem = refused.expect_err("no such address");
            assert_eq!((problem.code(), problem.faults()[0].pointer.as_str()), (Code::AddressNotFound, "/address_id"));
        }
    }

    #[tokio::test]
    async fn a_cart_that_is_empty_ordered_or_somebody_else_s_has_no_quote() {
        let refused = async |cart: Cart| quote(cart, |_| ()).await.expect_err("no quote");
        assert_eq!(refused(samples::cart(&[])).await.code(), Code::CartEmpty);
        let order_id: OrderId = samples::placing().id;
        let ordered = Cart { status: CartStatus::Ordered, order_id: Some(order_id), ..samples::cart(&[("A", 1)]) };
        let problem = refused(ordered).await;
        assert_eq!((problem.code(), problem.field("order_id")), (Code::CartAlreadyOrdered, Some(&json!(order_id))));
        let revoked =
            Cart { owner: cart::interface::CartOwner::Guest { token_version: 2 }, ..samples::cart(&[("A", 1)]) };
        assert_eq!(refused(revoked).await.code(), Code::NotFound);
    }
}
