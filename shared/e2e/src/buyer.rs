//! Somebody who buys: as a guest with tokens for cart and order, or signed in.

use serde_json::{Value, json};

use crate::people::{Person, new_address};
use crate::shop::{Answer, Call, eventually, get, post};
use crate::stripe;
use crate::unique;

/// A buyer and their cart.
#[derive(Debug, Clone)]
pub struct Buyer {
    pub email: String,
    account: Option<Person>,
    pub cart_id: String,
    pub cart_token: Option<String>,
    pub order_token: Option<String>,
}

/// An address in Germany.
#[must_use]
pub fn address() -> Value {
    json!({ "name": "Ada Lovelace", "line1": "Hauptstraße 1", "city": "Berlin", "postal_code": "10115", "country": "DE" })
}

impl Buyer {
    /// Somebody without an account, with an empty cart.
    #[must_use]
    pub fn guest() -> Self {
        Self::guest_with(&post("/carts").json(&json!({})).send().expect(201))
    }

    /// The guest whom `cart` was made for.
    #[must_use]
    pub fn guest_with(cart: &Value) -> Self {
        let token = cart["token"].as_str().expect("a guest's cart comes with its token");
        Self {
            email: new_address(),
            account: None,
            cart_id: cart["id"].as_str().unwrap().to_owned(),
            cart_token: Some(token.to_owned()),
            order_token: None,
        }
    }

    /// `person`, with an empty cart.
    #[must_use]
    pub fn signed_in(person: Person) -> Self {
        let cart = post("/carts").bearer(&person.access_token).json(&json!({})).send().expect(201);
        Self::signed_in_with(person, &cart)
    }

    /// `person`, for whom `cart` was made.
    #[must_use]
    pub fn signed_in_with(person: Person, cart: &Value) -> Self {
        assert!(cart.get("token").is_none(), "a shopper's cart needs no token");
        let cart_id = cart["id"].as_str().unwrap().to_owned();
        Self { email: person.email.clone(), account: Some(person), cart_id, cart_token: None, order_token: None }
    }

    /// `call` with what this buyer has to show.
    pub fn show(&self, mut call: Call) -> Call {
        if let Some(person) = &self.account {
            call = call.bearer(&person.access_token);
        }
        if let Some(token) = &self.cart_token {
            call = call.header("Cart-Token", token);
        }
        if let Some(token) = &self.order_token {
            call = call.header("Order-Token", token);
        }
        call
    }

    #[must_use]
    pub fn add(&self, sku: &str, quantity: u32) -> Answer {
        let call = post(&format!("/carts/{}/lines", self.cart_id));
        self.show(call).json(&json!({ "sku": sku, "quantity": quantity })).send()
    }

    #[must_use]
    pub fn cart(&self) -> Answer {
        self.show(get(&format!("/carts/{}", self.cart_id))).send()
    }

    #[must_use]
    pub fn quote(&self) -> Answer {
        let body = json!({ "cart_id": self.cart_id, "shipping_address": address(), "shipping_method": "standard" });
        self.show(post("/quotes")).json(&body).send()
    }

    /// A body for `POST /orders` that expects `total`.
    #[must_use]
    pub fn order_body(&self, total: &Value) -> Value {
        let mut body = json!({
            "cart_id": self.cart_id, "expected_total": total, "shipping_method": "standard", "shipping_address": address(),
        });
        if self.account.is_none() {
            body["email"] = self.email.clone().into();
        }
        body
    }

    /// Places the order under `key`.
    #[must_use]
    pub fn place(&self, total: &Value, key: &str) -> Answer {
        self.show(post("/orders")).key(key).json(&self.order_body(total)).send()
    }

    /// Quotes and places, and keeps the order's token.
    #[must_use]
    pub fn order(&mut self) -> Value {
        let quote = self.quote().expect(200);
        let order = self.place(&quote["total"], &unique()).expect(201);
        self.order_token = order["token"].as_str().map(str::to_owned);
        order
    }

    /// The order; whoever is told to try again does.
    #[must_use]
    #[track_caller]
    pub fn read_order(&self, id: &str) -> Value {
        eventually("the order", || {
            let answer = self.show(get(&format!("/orders/{id}"))).send();
            (answer.status != 503).then(|| answer.expect(200))
        })
    }

    #[must_use]
    pub fn create_payment(&self, order_id: &str, key: &str) -> Answer {
        let call = post(&format!("/orders/{order_id}/payments"));
        self.show(call).key(key).json(&json!({ "provider": "stripe" })).send()
    }

    /// Pays with a good card and waits for the confirmation.
    pub fn pay(&self, order_id: &str) -> Value {
        let payment = self.create_payment(order_id, &unique()).expect(201);
        stripe::pay(payment["client_secret"].as_str().unwrap(), stripe::GOOD_CARD).expect(200);
        self.await_status(order_id, "confirmed");
        payment
    }

    /// Waits until the order has `status`.
    #[track_caller]
    pub fn await_status(&self, order_id: &str, status: &str) {
        eventually(&format!("order {order_id} to be {status}"), || {
            (self.read_order(order_id)["status"] == status).then_some(())
        });
    }
}
