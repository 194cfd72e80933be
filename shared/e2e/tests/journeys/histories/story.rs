//! One shopper's history: random steps, each answer held to what the model allows, and an end.

use std::collections::BTreeSet;

use api::Code;
use e2e::buyer::Buyer;
use e2e::chance::Chance;
use e2e::shop::{Answer, eventually_within, get, post};
use e2e::stripe::{self, DECLINED_CARD, GOOD_CARD};
use e2e::unique;
use kernel::Timestamp;
use serde_json::{Value, json};

use super::PATIENCE;
use super::books;
use super::shelf::Shelf;

/// What a history is so far. The model is five of these: `paid`, `cancelled`, `payments`, `intents` and `units`.
pub(super) struct Story<'a> {
    chance: Chance,
    diary: &'a super::Diary,
    pub(super) buyer: Buyer,
    pub(super) order: Value,
    /// What was taken from the shelf: its place there, and how much.
    pub(super) units: Vec<(usize, i64)>,
    /// Some intent of the order has succeeded.
    paid: bool,
    /// The shop has said that the order is cancelled.
    cancelled: bool,
    /// Payments that the shop has named to the shopper.
    payments: BTreeSet<String>,
    /// Client secrets of all intents of the order.
    intents: Vec<String>,
    /// The first answer to each key that got a payment.
    answers: Vec<(String, String)>,
}

/// How a history ended.
pub(super) struct Ending {
    pub(super) order_id: String,
    pub(super) number: String,
    pub(super) email: String,
    pub(super) confirmed: bool,
    pub(super) total: i64,
    pub(super) units: Vec<(usize, i64)>,
}

impl<'a> Story<'a> {
    /// Fills a cart and orders; none when there was too little left.
    pub(super) fn begin(mut chance: Chance, shelf: &Shelf, diary: &'a super::Diary) -> Option<Self> {
        let mut buyer = Buyer::guest();
        let units = shelf.choose(&mut chance);
        for (place, quantity) in &units {
            buyer.add(shelf.sku(*place), u32::try_from(*quantity).unwrap()).expect(200);
        }
        let key = unique();
        let placed = buyer.place(&shelf.total(&buyer, &units), &key);
        diary.note(format!("place {units:?}: {}", placed.status));
        if placed.status == 409 {
            let problem = placed.refused(Code::OutOfStock);
            let named = problem.to_string();
            assert!(
                units.iter().any(|(place, _)| named.contains(shelf.sku(*place))),
                "nothing of ours is short: {named}"
            );
            return None;
        }
        let order = placed.expect(201);
        buyer.order_token = order["token"].as_str().map(str::to_owned);
        Some(Self {
            chance,
            diary,
            buyer,
            order,
            units,
            paid: false,
            cancelled: false,
            payments: BTreeSet::new(),
            intents: Vec::new(),
            answers: Vec::new(),
        })
    }

    pub(super) fn step(&mut self) {
        match self.chance.below(100) {
            0..22 => self.pay(),
            22..30 => self.ask_again(),
            30..50 => self.card(GOOD_CARD),
            50..66 => self.card(DECLINED_CARD),
            66..80 => self.tell_again(),
            80..86 => self.cancel(),
            86..90 => self.stray(),
            _ => self.look(),
        }
    }

    /// Ends what is still open, waits for the end, and holds it to the model.
    pub(super) fn end(mut self) -> Ending {
        if !self.paid && !self.cancelled {
            self.cancel();
        }
        let order = eventually_within(PATIENCE, &format!("an end of order {}", self.id()), || {
            Some(self.buyer.read_order(self.id())).filter(|order| order["status"] != "pending_payment")
        });
        let confirmed = order["status"] == "confirmed";
        assert!(!confirmed || self.paid, "confirmed without money: {order}");
        assert!(confirmed || self.cancelled || expired(&order), "cancelled, and nobody asked for it: {order}");
        assert!(!(confirmed && self.cancelled), "confirmed after it was cancelled: {order}");
        let ending = Ending {
            order_id: self.id().to_owned(),
            number: order["number"].as_str().unwrap().to_owned(),
            email: self.buyer.email.clone(),
            confirmed,
            total: order["total"]["amount"].as_i64().unwrap(),
            units: self.units,
        };
        self.diary.note(format!("{}: {}", ending.order_id, order["status"]));
        eventually_within(PATIENCE, &format!("the money of order {}", ending.order_id), || {
            books::settled(&ending).ok()
        });
        ending
    }

    fn id(&self) -> &str {
        self.order["id"].as_str().unwrap()
    }

    fn note(&self, what: &str, answer: &Answer) {
        self.diary.note(format!("{what}: {} {}", answer.status, answer.json()["code"].as_str().unwrap_or_default()));
    }

    /// Begins to pay, under a new key. There is one live payment, whoever asks.
    fn pay(&mut self) {
        let key = unique();
        let answer = self.buyer.create_payment(self.id(), &key);
        self.note("pay", &answer);
        if answer.status == 409 {
            answer.refused(Code::OrderNotPayable);
            assert!(self.paid || self.cancelled || self.is_late(), "an open order cannot be paid");
            return;
        }
        let payment = answer.expect(201);
        assert!(!self.cancelled, "a payment for a cancelled order");
        assert_eq!(payment["amount"], self.order["total"]);
        self.payments.insert(payment["id"].as_str().unwrap().to_owned());
        assert_eq!(self.payments.len(), 1, "one live payment an order");
        let secret = payment["client_secret"].as_str().expect("a payment that can be paid shows its secret").to_owned();
        if !self.intents.contains(&secret) {
            self.intents.push(secret);
        }
        self.answers.push((key, answer.text));
    }

    /// The last request again, with its key: the same answer, whatever has happened since.
    fn ask_again(&mut self) {
        let Some((key, first)) = self.answers.last().cloned() else { return self.pay() };
        let again = self.buyer.create_payment(self.id(), &key);
        self.note("pay with the same key", &again);
        assert_eq!((again.status, again.text), (201, first), "another answer to the same key");
    }

    fn card(&mut self, card: &str) {
        if self.intents.is_empty() {
            self.pay();
        }
        let Some(secret) = self.chance.one_of(&self.intents).cloned() else { return };
        self.confirm(&secret, card);
    }

    fn confirm(&mut self, secret: &str, card: &str) {
        let answer = stripe::pay(secret, card);
        let last = &card[card.len() - 4..];
        self.note(&format!("card {last} for {}", intent_of(secret)), &answer);
        let body = answer.json();
        match answer.status {
            200 => self.paid = true,
            402 => assert_eq!(card, DECLINED_CARD, "{body}"),
            // Paid or closed before.
            _ => assert_eq!(body["error"]["code"], "payment_intent_unexpected_state", "{body}"),
        }
    }

    /// Stripe tells something again, now or late, up to three times.
    fn tell_again(&mut self) {
        let known = stripe::known(self.id());
        let Some(event) = self.chance.one_of(known.events()) else { return self.look() };
        for _ in 0..=self.chance.below(3) {
            self.diary.note(format!("{} again", event["type"]));
            let _ = stripe::tell(event);
        }
    }

    fn cancel(&mut self) {
        let call = post(&format!("/orders/{}/cancellations", self.id()));
        let answer = self.buyer.show(call).key(&unique()).json(&json!({})).send();
        self.note("cancel", &answer);
        if self.paid && answer.status == 409 {
            answer.refused(Code::OrderNotCancellable);
            assert!(!self.cancelled, "cancelled before");
        } else {
            assert_eq!(answer.expect(200)["status"], "cancelled");
            self.cancelled = true;
        }
    }

    /// A second intent of the same order, which somebody pays.
    fn stray(&mut self) {
        let known = stripe::known(self.id());
        let Some(first) = known.intents().first() else { return self.pay() };
        let secret = stripe::twin(first)["client_secret"].as_str().unwrap().to_owned();
        self.diary.note(format!("a second intent {}", intent_of(&secret)));
        self.intents.push(secret.clone());
        self.confirm(&secret, GOOD_CARD);
    }

    fn look(&mut self) {
        let order = self.buyer.read_order(self.id());
        self.diary.note(format!("look: {}", order["status"]));
        let possible = match order["status"].as_str().unwrap() {
            "pending_payment" => !self.cancelled,
            "confirmed" => self.paid && !self.cancelled && order["payment_status"] == "paid",
            "cancelled" => self.cancelled || expired(&order),
            _ => false,
        };
        assert!(possible, "paid: {}, cancelled: {}, and the order is {order}", self.paid, self.cancelled);
        self.order["expires_at"] = order["expires_at"].clone();
        for payment in &self.payments {
            let payment = self.buyer.show(get(&format!("/payments/{payment}"))).send().expect(200);
            assert!(self.paid || payment["status"] != "captured", "captured without money: {payment}");
        }
    }

    /// Whether the order's time to pay may be over.
    fn is_late(&self) -> bool {
        time(&self.buyer.read_order(self.id())["expires_at"]).is_none_or(|until| until <= kernel::fresh::now())
    }
}

/// Whether the order was closed for not being paid in time, and rightly so.
fn expired(order: &Value) -> bool {
    let last = order["timeline"].as_array().and_then(|entries| entries.last()).cloned().unwrap_or_default();
    let in_time = last["detail"].as_str().is_some_and(|detail| detail.contains("in time"));
    in_time && time(&last["at"]).is_some_and(|at| time(&order["expires_at"]).is_none_or(|until| until <= at))
}

fn time(value: &Value) -> Option<Timestamp> {
    serde_json::from_value(value.clone()).ok()
}

fn intent_of(secret: &str) -> &str {
    secret.split_once("_secret_").expect("a client secret names its intent").0
}
