use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use api::StatusCode;
use cart::interface::{CartOwner, CartStatus};
use catalog::interface::Offer;
use kernel::Sku;
use serde_json::{Value, json};
use testkit::auth::authenticator;
use testkit::{now, request};

use super::*;
use crate::domain::samples::{self, USER, eur, offer, user_id};
use crate::domain::{OrderStatus, Settings};
use crate::handlers::fakes::{new_id, other_record};

/// A shop in two moments: as it is, and as it is once this request has lost a race.
struct Shop {
    moments: [(Cart, Vec<Offer>); 2],
    settings: Settings,
    record: Option<Row<Record>>,
    /// This request's own answer, there from the second read on: given to its twin, or to itself before the answer was lost.
    answer: Option<Response>,
    /// Conflicts outlast the retries.
    is_busy: bool,
    profile: Option<Profile>,
    races: Cell<usize>,
    reads: Cell<usize>,
    placed: RefCell<Vec<(Order, Response)>>,
}

impl Shop {
    /// A guest's cart of two A; five of them in stock.
    fn new() -> Self {
        Self::of(samples::cart(&[("A", 2)]), vec![offer("A", 1000, 5)])
    }

    fn of(cart: Cart, offers: Vec<Offer>) -> Self {
        Self {
            moments: [(cart.clone(), offers.clone()), (cart, offers)],
            settings: samples::settings(true),
            record: None,
            answer: None,
            is_busy: false,
            profile: None,
            races: Cell::new(0),
            reads: Cell::new(0),
            placed: RefCell::default(),
        }
    }

    /// The first try is lost, and then the shop is like this.
    fn losing_to(mut self, cart: Cart, offers: Vec<Offer>) -> Self {
        self.moments[1] = (cart, offers);
        self.races.set(1);
        self
    }

    fn moment(&self) -> &(Cart, Vec<Offer>) {
        &self.moments[usize::from(self.reads.get() > 1)]
    }
}

impl LoadPlacing for Shop {
    async fn load_placing(
        &self,
        cart: CartId,
        user: Option<&UserId>,
        saved: Option<AddressId>,
        claim: &Claim,
    ) -> Result<Found, StoreError> {
        self.reads.set(self.reads.get() + 1);
        let answer = self.answer.as_ref().filter(|_| self.reads.get() > 1);
        let answered = answer.map(|answer| Row::new(claim.key(), claim.answered(answer, now())));
        let found = &self.moment().0;
        let cart = (found.id == cart).then(|| found.clone());
        let is_saved = user.zip(saved) == Some((&user_id(), samples::address_id()));
        let address = is_saved.then(samples::address);
        Ok(Found { cart, record: answered.or(self.record.clone()), profile: self.profile.clone(), address })
    }
}

impl LoadCheckout for Shop {
    async fn load_checkout(&self, _: &Cart, _: Currency) -> Result<(BTreeMap<Sku, Offer>, Settings), StoreError> {
        Ok((samples::offers(self.moment().1.clone()), self.settings.clone()))
    }
}

impl CommitOrder for Shop {
    async fn commit_order(
        &self,
        _: &Cart,
        order: &Order,
        _: Vec<OrderEvent>,
        (_, response): (&Claim, &Response),
        _: &Announcing,
    ) -> Result<Saved, StoreError> {
        if self.is_busy {
            return Err(StoreError::Busy("conflicts".into()));
        }
        if let Some(left) = self.races.get().checked_sub(1) {
            self.races.set(left);
            return Ok(Saved::Raced);
        }
        self.placed.borrow_mut().push((order.clone(), response.clone()));
        Ok(Saved::Done)
    }
}

fn deps(store: Shop) -> Deps<Shop> {
    Deps {
        store,
        auth: authenticator(),
        capability: Capability::new(b"key"),
        currency: Currency::EUR,
        payment_window_seconds: 1800,
        now,
        new_id,
    }
}

/// A guest orders two A for 24.90, with changes to the body.
fn wish(change: impl FnOnce(&mut Value)) -> request::RequestBuilder {
    let cart = samples::cart(&[]);
    let token = Capability::new(b"key").token("cart", &cart.id.to_string(), 1);
    let mut body = json!({
        "cart_id": cart.id,
        "expected_total": { "amount": 2490, "currency": "EUR" },
        "shipping_method": "standard",
        "shipping_address": { "name": "Ada", "line1": "Street 1", "city": "Berlin", "postal_code": "10115", "country": "DE" },
        "email": "Ada@Example.com",
    });
    change(&mut body);
    request::post("/orders").header(CART_TOKEN, token).idempotency_key("k1").json(body)
}

/// Why an order is refused; nothing is written then.
async fn refused(shop: Shop, request: request::RequestBuilder) -> Problem {
    let deps = deps(shop);
    let problem = handle(&deps, request.build()).await.expect_err("refused");
    assert!(deps.store.placed.borrow().is_empty());
    problem
}

#[tokio::test]
async fn a_guest_places_an_order_and_gets_the_token_that_opens_it() {
    let deps = deps(Shop::new());
    let answer = handle(&deps, wish(|_| ()).header("accept-language", "de-DE,en;q=0.5").build()).await.unwrap();
    let placed = deps.store.placed.borrow();
    let [(order, kept)] = placed.as_slice() else { panic!("placed {} times", placed.len()) };
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.header_value("Location"), Some(format!("/v1/orders/{}", order.id).as_str()));
    let body = testkit::json(&answer);
    let (before, _) = answer.body().split_once(",\"token\"").unwrap();
    assert_eq!(kept.body(), format!("{before}}}"), "all but the token is kept for a replay");
    assert_eq!((&body["status"], &body["total"]["amount"]), (&json!("pending_payment"), &json!(2490)));
    let token = body["token"].as_str().unwrap();
    assert!(order.opens_to(&Caller::Guest, Some(token), &deps.capability));
    assert_eq!((order.email.as_str(), order.locale), ("ada@example.com", kernel::Locale::De));
    assert_eq!(order.expires_at, now().plus_seconds(1800));
}

#[tokio::test]
async fn a_shopper_s_order_is_theirs_and_goes_to_their_address() {
    let owner = CartOwner::User { user_id: user_id() };
    let profile = json!({ "id": USER, "email": "bob@example.com", "name": "Bob", "locale": "de", "created_at": now() });
    let shop = Shop::of(Cart { owner, ..samples::cart(&[("A", 2)]) }, vec![offer("A", 1000, 5)]);
    let deps = deps(Shop { profile: Some(serde_json::from_value(profile).unwrap()), ..shop });
    let without_email = |body: &mut Value| drop(body.as_object_mut().unwrap().remove("email"));
    let answer = handle(&deps, wish(without_email).signed_in(USER, &[]).build()).await.unwrap();
    assert!(testkit::json(&answer).get("token").is_none());
    let order = deps.store.placed.borrow()[0].0.clone();
    assert_eq!((order.user_id, order.email.as_str()), (Some(user_id()), "bob@example.com"));
    assert_eq!(order.locale, kernel::Locale::De);
}

#[tokio::test]
async fn an_order_may_go_to_an_address_of_the_shopper_s_book() {
    let owner = CartOwner::User { user_id: user_id() };
    let shop = || Shop::of(Cart { owner: owner.clone(), ..samples::cart(&[("A", 2)]) }, vec![offer("A", 1000, 5)]);
    let by_id = |id: AddressId| {
        wish(|body| {
            body.as_object_mut().unwrap().remove("shipping_address");
            body["address_id"] = json!(id);
        })
    };
    let deps = deps(shop());
    handle(&deps, by_id(samples::address_id()).signed_in(USER, &[]).build()).await.unwrap();
    assert_eq!(deps.store.placed.borrow()[0].0.shipping_address, samples::address());
    let unknown = by_id(kernel::Ulid(7).into()).signed_in(USER, &[]);
    let problem = refused(shop(), unknown).await;
    assert_eq!((problem.code(), problem.faults()[0].pointer.as_str()), (Code::AddressNotFound, "/address_id"));
    assert_eq!(refused(Shop::new(), by_id(samples::address_id())).await.code(), Code::AddressNotFound);
}

#[tokio::test]
async fn an_order_of_nothing_that_costs_anything_is_confirmed_at_once() {
    let mut shop = Shop::of(samples::cart(&[("A", 2)]), vec![offer("A", 0, 5)]);
    shop.settings.zones.zones[0].methods[0].price = eur(0);
    let deps = deps(shop);
    let free = |body: &mut Value| body["expected_total"]["amount"] = json!(0);
    handle(&deps, wish(free).build()).await.unwrap();
    assert_eq!(deps.store.placed.borrow()[0].0.status, OrderStatus::Confirmed);
}

#[tokio::test]
async fn a_guest_without_an_e_mail_address_is_asked_for_one() {
    let without_email = |body: &mut Value| drop(body.as_object_mut().unwrap().remove("email"));
    let problem = refused(Shop::new(), wish(without_email)).await;
    assert_eq!((problem.code(), problem.faults()[0].pointer.as_str()), (Code::EmailRequired, "/email"));
}

#[tokio::test]
async fn an_address_that_no_mail_reaches_is_refused_with_whatever_else_is_wrong() {
    for email in ["erased@erased.invalid", "ada@Shop.INVALID"] {
        let problem = refused(Shop::new(), wish(|body| body["email"] = json!(email))).await;
        let fault = &problem.faults()[0];
        let told = (problem.code(), fault.pointer.as_str(), fault.code);
        assert_eq!(told, (Code::ValidationFailed, "/email", "invalid_email"), "{email}");
    }
    let both = wish(|body| {
        body["email"] = json!("erased@erased.invalid");
        body["shipping_address"]["country"] = json!("XX");
    });
    let problem = refused(Shop::new(), both).await;
    let pointers: Vec<&str> = problem.faults().iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/shipping_address/country", "/email"]);
}

#[tokio::test]
async fn a_cart_of_somebody_else_is_not_there() {
    let problem = refused(Shop::new(), wish(|_| ()).header(CART_TOKEN, "x")).await;
    assert_eq!(problem.code(), Code::NotFound);
    let owner = CartOwner::User { user_id: user_id() };
    let theirs = Shop::of(Cart { owner, ..samples::cart(&[("A", 2)]) }, vec![]);
    assert_eq!(refused(theirs, wish(|_| ())).await.code(), Code::NotFound);
}

#[tokio::test]
async fn a_cart_is_ordered_once_and_says_as_what() {
    let order_id = samples::placing().id;
    let ordered = Cart { status: CartStatus::Ordered, order_id: Some(order_id), ..samples::cart(&[("A", 2)]) };
    let problem = refused(Shop::of(ordered, vec![]), wish(|_| ())).await;
    assert_eq!((problem.code(), problem.field("order_id")), (Code::CartAlreadyOrdered, Some(&json!(order_id))));
}

/// The answer to placing the order of [`samples::pending`].
fn answer() -> Option<Response> {
    Some(Response::created("/orders/x", &OrderView::of(samples::pending())))
}

async fn replayed(shop: Shop) {
    let deps = deps(Shop { answer: answer(), ..shop });
    let replayed = handle(&deps, wish(|_| ()).build()).await.unwrap();
    assert_eq!(replayed.header_value("Idempotent-Replayed"), Some("true"));
    assert_eq!(testkit::json(&replayed)["id"], json!(samples::pending().id));
    assert!(deps.store.placed.borrow().is_empty(), "nothing is placed again");
}

#[tokio::test]
async fn a_cart_that_this_very_request_ordered_is_answered_with_the_order() {
    let order_id = Some(samples::pending().id);
    replayed(Shop::of(Cart { status: CartStatus::Ordered, order_id, ..samples::cart(&[("A", 2)]) }, vec![])).await;
}

#[tokio::test]
async fn an_order_that_was_placed_but_whose_answer_was_lost_is_not_placed_again() {
    replayed(Shop { races: Cell::new(1), ..Shop::new() }).await;
}

#[tokio::test]
async fn conflicts_that_do_not_pass_are_never_taken_for_a_lack_of_stock() {
    let problem = refused(Shop { is_busy: true, ..Shop::new() }, wish(|_| ())).await;
    assert_eq!(problem.code(), Code::TryAgain);
}

#[tokio::test]
async fn an_empty_cart_cannot_be_ordered() {
    assert_eq!(refused(Shop::of(samples::cart(&[]), vec![]), wish(|_| ())).await.code(), Code::CartEmpty);
}

#[tokio::test]
async fn another_total_than_expected_is_told_with_the_prices_that_changed() {
    let problem = refused(Shop::of(samples::cart(&[("A", 2)]), vec![offer("A", 1100, 5)]), wish(|_| ())).await;
    assert_eq!(problem.code(), Code::TotalChanged);
    assert_eq!(problem.field("expected_total"), Some(&json!(eur(2490))));
    assert_eq!(problem.field("total"), Some(&json!(eur(2690))));
    let line = &problem.field("lines").unwrap()[0];
    assert_eq!(
        (&line["sku"], &line["old_unit_price"], &line["unit_price"]),
        (&json!("A"), &json!(eur(1000)), &json!(eur(1100)))
    );
    assert_eq!(problem.field("quote").unwrap()["total"], json!(eur(2690)));
}

#[tokio::test]
async fn too_little_stock_is_told_by_sku() {
    let problem = refused(Shop::of(samples::cart(&[("A", 2)]), vec![offer("A", 1000, 1)]), wish(|_| ())).await;
    assert_eq!((problem.code(), problem.field("skus")), (Code::OutOfStock, Some(&json!(["A"]))));
    assert_eq!(problem.field("lines"), Some(&json!([{ "sku": "A", "wanted": 2, "available": 1 }])));
}

#[tokio::test]
async fn a_product_that_is_gone_is_told_by_sku() {
    let problem = refused(Shop::of(samples::cart(&[("A", 2)]), vec![]), wish(|_| ())).await;
    assert_eq!((problem.code(), problem.field("skus")), (Code::NotForSale, Some(&json!(["A"]))));
}

#[tokio::test]
async fn a_lost_race_is_told_by_what_was_lost() {
    let cart = || samples::cart(&[("A", 2)]);
    let stocked = || vec![offer("A", 1000, 5)];
    let order_id = samples::placing().id;
    let ordered = Cart { status: CartStatus::Ordered, order_id: Some(order_id), ..cart() };
    for (cart, offers, code) in [
        (cart(), vec![offer("A", 1000, 1)], Code::OutOfStock),
        (cart(), vec![offer("A", 1100, 5)], Code::TotalChanged),
        (cart(), vec![], Code::NotForSale),
        (Cart { version: 2, ..cart() }, stocked(), Code::CartChanged),
        (ordered, stocked(), Code::CartAlreadyOrdered),
    ] {
        let problem = refused(Shop::new().losing_to(cart, offers), wish(|_| ())).await;
        assert_eq!(problem.code(), code);
    }
}

#[tokio::test]
async fn a_race_that_was_lost_to_nothing_is_run_again_but_not_for_ever() {
    let deps = deps(Shop { races: Cell::new(TRIES - 1), ..Shop::new() });
    assert_eq!(handle(&deps, wish(|_| ()).build()).await.unwrap().status(), StatusCode::CREATED);
    let problem = refused(Shop { races: Cell::new(TRIES), ..Shop::new() }, wish(|_| ())).await;
    assert_eq!(problem.code(), Code::TryAgain);
}

#[tokio::test]
async fn a_key_is_needed_and_belongs_to_one_body() {
    let problem = refused(Shop { record: Some(other_record()), ..Shop::new() }, wish(|_| ())).await;
    assert_eq!(problem.code(), Code::IdempotencyKeyReused);
    let keyless = request::post("/orders").json(json!({}));
    assert_eq!(refused(Shop::new(), keyless).await.code(), Code::IdempotencyKeyMissing);
}

#[tokio::test]
async fn all_faults_of_both_addresses_are_told_at_once() {
    let faulty = |body: &mut Value| {
        body["shipping_address"]["postal_code"] = json!("1");
        body["billing_address"] =
            json!({ "name": "", "line1": "x", "city": "y", "postal_code": "10115", "country": "DE" });
    };
    let problem = refused(Shop::new(), wish(faulty)).await;
    let pointers: Vec<&str> = problem.faults().iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/shipping_address/postal_code", "/billing_address/name"]);
}

#[tokio::test]
async fn fields_that_nobody_knows_are_refused() {
    let problem = refused(Shop::new(), wish(|body| body["coupon"] = json!("FREE"))).await;
    assert_eq!((problem.faults()[0].pointer.as_str(), problem.faults()[0].code), ("/coupon", "unknown_field"));
}
