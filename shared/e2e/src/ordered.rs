//! An order from all sides: its buyer, the stock, Stripe, the mailbox and the payments' table.

use serde_json::{Value, json};

use crate::buyer::Buyer;
use crate::goods::{Goods, available, goods};
use crate::mailbox::mails_to;
use crate::operator::{Table, invoke};
use crate::shop::{Answer, eventually, eventually_by_queue, get, post};
use crate::stripe::{self, GOOD_CARD};
use crate::unique;

const STOCK: i64 = 5;

/// A guest's order of one lamp, which nobody has paid yet.
#[derive(Debug, Clone)]
pub struct Ordered {
    pub buyer: Buyer,
    pub id: String,
    pub number: String,
    pub total: i64,
    lamp: Goods,
}

#[must_use]
pub fn ordered() -> Ordered {
    let lamp = goods(1999, STOCK);
    let mut buyer = Buyer::guest();
    buyer.add(&lamp.sku, 1).expect(200);
    let order = buyer.order();
    let text = |name: &str| order[name].as_str().unwrap().to_owned();
    Ordered { id: text("id"), number: text("number"), total: order["total"]["amount"].as_i64().unwrap(), buyer, lamp }
}

impl Ordered {
    /// Begins to pay; gives the payment.
    #[track_caller]
    pub fn begin(&self) -> Value {
        self.begin_under(&unique())
    }

    /// Begins to pay under `key`, and again whenever the shop says to try again.
    #[track_caller]
    pub fn begin_under(&self, key: &str) -> Value {
        begin(&self.buyer, &self.id, key)
    }

    #[must_use]
    pub fn status(&self) -> Value {
        self.buyer.read_order(&self.id)["status"].clone()
    }

    #[must_use]
    pub fn cancel(&self) -> Answer {
        let call = post(&format!("/orders/{}/cancellations", self.id));
        self.buyer.show(call).key(&unique()).json(&json!({})).send()
    }

    /// Ends the time for which the order waits for its payment, and lets the shop see it.
    #[track_caller]
    pub fn expire(&self) {
        fall_due(&self.id);
        eventually("the order to expire", || {
            invoke("orders-expire-orders", &json!({})).expect_answer();
            (self.status() == "cancelled").then_some(())
        });
    }

    /// The payment as its shopper sees it.
    #[must_use]
    pub fn shown(&self, payment: &Value) -> Value {
        self.buyer.show(get(&format!("/payments/{}", payment["id"].as_str().unwrap()))).send().expect(200)
    }

    /// The order's payments as they are written down.
    #[must_use]
    pub fn payments(&self) -> Vec<Value> {
        payments_of(&self.id)
    }

    /// Holds that the order is confirmed, once and for its price, however many `intents` were paid.
    #[track_caller]
    pub fn is_paid_once(&self, intents: i64) {
        self.becomes("confirmed");
        let order = self.buyer.read_order(&self.id);
        assert_eq!(order["payment_status"], "paid");
        let steps: Vec<_> = order["timeline"].as_array().unwrap().iter().map(|entry| &entry["type"]).collect();
        assert_eq!(steps, ["placed", "confirmed"]);
        self.money_is(intents * self.total, (intents - 1) * self.total);
        eventually_by_queue("the mail", || (self.mails(&self.number) > 0).then_some(()));
        self.await_a_later_purchase();
        assert_eq!(self.mails(&self.number), 1);
        assert_eq!(available(&self.lamp), STOCK - 1);
    }

    /// Holds that the order is cancelled and nothing of the money for `intents` is kept.
    #[track_caller]
    pub fn is_cancelled_and_paid_back(&self, intents: i64) {
        self.becomes("cancelled");
        self.money_is(intents * self.total, intents * self.total);
        eventually_by_queue("the stock to be free", || (available(&self.lamp) == STOCK).then_some(()));
        self.await_a_later_purchase();
        let order = self.buyer.read_order(&self.id);
        let steps: Vec<_> = order["timeline"].as_array().unwrap().iter().map(|entry| &entry["type"]).collect();
        assert_eq!(steps, ["placed", "cancelled"]);
        assert_eq!((self.mails(&self.number), available(&self.lamp)), (1, STOCK));
    }

    /// Waits until Stripe and the payments' table both say that so much was taken and given back.
    #[track_caller]
    fn money_is(&self, taken: i64, returned: i64) {
        let sum =
            |rows: &[Value], name: &str| rows.iter().map(|row| row[name]["amount"].as_i64().unwrap()).sum::<i64>();
        let mut found = None;
        let agreed = || {
            let rows = self.payments();
            let books = (sum(&rows, "captured"), sum(&rows, "refunded"));
            found = Some((stripe::known(&self.id).taken_and_returned(), books));
            (found == Some(((taken, returned), (taken, returned)))).then_some(())
        };
        eventually_by_queue(&format!("{taken} taken and {returned} returned for order {}", self.id), agreed);
    }

    /// Waits until the order has `status`.
    #[track_caller]
    pub fn becomes(&self, status: &str) {
        eventually_by_queue(&format!("order {} to be {status}", self.id), || (self.status() == status).then_some(()));
    }

    fn mails(&self, number: &str) -> usize {
        mails_to(&self.buyer.email).iter().filter(|mail| mail.text.contains(number)).count()
    }

    /// The same person buys something else, begins after all that was told before, and gets the mail: what else was to come about this
    /// order has come.
    #[track_caller]
    fn await_a_later_purchase(&self) {
        let mut buyer = Buyer::guest();
        buyer.email.clone_from(&self.buyer.email);
        buyer.add(&goods(1999, 1).sku, 1).expect(200);
        let order = buyer.order();
        let id = order["id"].as_str().unwrap();
        let payment = begin(&buyer, id, &unique());
        stripe::pay(payment["client_secret"].as_str().unwrap(), GOOD_CARD).expect(200);
        let number = order["number"].as_str().unwrap();
        eventually_by_queue("a later mail", || (self.mails(number) > 0).then_some(()));
    }
}

/// Ends the time for which `order` waits for its payment: it fell due when it was placed.
#[track_caller]
pub fn fall_due(order: &str) {
    let (orders, pk) = (Table::of("orders"), format!("ORDER#{order}"));
    let placed_at = orders.get(&pk, "ORDER").unwrap()["placed_at"].clone();
    orders.set(&pk, "ORDER", &[("expires_at", placed_at.clone())]);
    orders.set(&pk, "DUE", &[("gsi1sk", format!("{}#{order}", placed_at.as_str().unwrap()).into())]);
}

/// The payments of `order` as they are written down.
#[must_use]
pub fn payments_of(order: &str) -> Vec<Value> {
    let rows = Table::of("payments").indexed(&format!("ORDER#{order}"));
    rows.into_iter().filter(|row| row["type"] == "payment").collect()
}

#[track_caller]
fn begin(buyer: &Buyer, order: &str, key: &str) -> Value {
    eventually("the payment to be opened", || {
        let answer = buyer.create_payment(order, key);
        (answer.status != 503).then(|| answer.expect(201))
    })
}
