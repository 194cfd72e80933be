//! Stripe from three sides: what Stripe.js does in a shopper's browser, what the sandbox can be told to do wrong, and the webhooks it
//! sends.

use aws_lc_rs::hmac;
use kernel::Timestamp;
use serde_json::{Value, json};

use crate::logs;
use crate::shop::{Answer, agent, eventually_by_queue, post, read, setting};
use crate::unique;

/// A card that pays.
pub const GOOD_CARD: &str = "4242424242424242";
/// A card that the bank declines.
pub const DECLINED_CARD: &str = "4000000000000002";
/// The call that opens an intent, as [`Faults`] name it.
pub const CREATE: &str = "POST /v1/payment_intents";

/// Confirms the payment intent of `client_secret` with `card`.
#[must_use]
pub fn pay(client_secret: &str, card: &str) -> Answer {
    let (intent, _) = client_secret.split_once("_secret_").expect("a client secret names its intent");
    let url = format!("{}/v1/payment_intents/{intent}/confirm", setting("SOUK_STRIPE_URL"));
    let form = [
        ("key", "pk_test_souk"),
        ("client_secret", client_secret),
        ("payment_method_data[type]", "card"),
        ("payment_method_data[card][number]", card),
        ("payment_method_data[card][exp_month]", "12"),
        ("payment_method_data[card][exp_year]", "2034"),
        ("payment_method_data[card][cvc]", "123"),
    ];
    read(agent().post(url).send_form(form).unwrap())
}

/// What goes wrong with the calls and webhooks of one order, until this is dropped. The sandbox's `stripe_faults.py` names the members.
#[derive(Debug)]
#[must_use = "nothing goes wrong any more once this is dropped"]
pub struct Faults(String);

impl Faults {
    pub fn of(order: &str, faults: &Value) -> Self {
        let faulty = Self(config(&format!("faults/{order}")));
        faulty.replace(faults);
        faulty
    }

    /// Webhooks wait: the test tells the shop of events itself, or nobody does.
    pub fn silent(order: &str) -> Self {
        Self::of(order, &json!({ "hold": true }))
    }

    /// Other faults from now on. What was held back goes on its way, unless these hold it too.
    pub fn replace(&self, faults: &Value) {
        read(agent().put(&self.0).send(faults.to_string()).unwrap()).expect(200);
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        let removed = agent().delete(&self.0).call();
        assert!(removed.is_ok() || std::thread::panicking(), "the Stripe sandbox does not answer");
    }
}

fn config(path: &str) -> String {
    format!("{}/_config/{path}", setting("SOUK_STRIPE_URL"))
}

/// All that Stripe knows of an order.
#[derive(Debug, Clone)]
pub struct Known(Value);

/// What Stripe knows of `order` by now.
#[must_use]
pub fn known(order: &str) -> Known {
    Known(read(agent().get(config(&format!("orders/{order}"))).call().unwrap()).expect(200))
}

impl Known {
    #[must_use]
    pub fn intents(&self) -> &[Value] {
        self.list("intents")
    }

    #[must_use]
    pub fn refunds(&self) -> &[Value] {
        self.list("refunds")
    }

    /// Events about the order, delivered or not, oldest first.
    #[must_use]
    pub fn events(&self) -> &[Value] {
        self.list("events")
    }

    /// Calls of `route` about the order, such as [`CREATE`].
    #[must_use]
    pub fn calls(&self, route: &str) -> usize {
        self.list("calls").iter().filter(|call| call["route"] == route).count()
    }

    /// The last event of this type.
    #[must_use]
    #[track_caller]
    pub fn event(&self, kind: &str) -> Value {
        let found = self.events().iter().rfind(|event| event["type"] == kind);
        found.unwrap_or_else(|| panic!("no {kind} in {}", self.0)).clone()
    }

    /// What was paid to this shop, and what went back.
    #[must_use]
    pub fn taken_and_returned(&self) -> (i64, i64) {
        let here = setting("SOUK_ENVIRONMENT");
        let ours = || self.intents().iter().filter(|intent| intent["metadata"]["environment"] == here.as_str());
        let back = self.refunds().iter().filter(|refund| ours().any(|intent| intent["id"] == refund["payment_intent"]));
        let amount = |item: &Value, name: &str| item[name].as_i64().unwrap();
        (
            ours().map(|intent| amount(intent, "amount_received")).sum(),
            back.map(|refund| amount(refund, "amount")).sum(),
        )
    }

    fn list(&self, name: &str) -> &[Value] {
        self.0[name].as_array().unwrap()
    }
}

/// A second intent with the metadata of `intent`, as the shop would have made it under another idempotency key.
#[must_use]
pub fn twin(intent: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let metadata = intent["metadata"].as_object().unwrap();
    let mut form: Vec<(String, String)> =
        metadata.iter().map(|(name, value)| (format!("metadata[{name}]"), text(value))).collect();
    form.push(("amount".to_owned(), intent["amount"].to_string()));
    form.push(("currency".to_owned(), text(&intent["currency"])));
    by_hand("payment_intents", form)
}

/// A call with the shop's secret key that the shop did not make, as from Stripe's dashboard.
#[track_caller]
pub fn by_hand(path: &str, form: Vec<(String, String)>) -> Value {
    let url = format!("{}/v1/{path}", setting("SOUK_STRIPE_URL"));
    let call = agent().post(url).header("Authorization", "Bearer sk_test_souk");
    read(call.send_form(form).unwrap()).expect(200)
}

/// Pays `intent` with a good card.
#[track_caller]
pub fn pay_intent(intent: &Value) {
    pay(intent["client_secret"].as_str().unwrap(), GOOD_CARD).expect(200);
}

/// The bank has given the money of a pending `refund` back.
#[track_caller]
pub fn end_refund(refund: &Value) {
    let url = config(&format!("refunds/{}", refund["id"].as_str().unwrap()));
    read(agent().post(url).send(json!({ "status": "succeeded" }).to_string()).unwrap()).expect(200);
}

/// The header that Stripe sends with `body`.
#[must_use]
pub fn signature(body: &str, age_seconds: i64, secret: &str) -> String {
    let time = kernel::fresh::now().epoch_seconds() - age_seconds;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={time},v1={hex}")
}

/// Sends `body` to the shop with this signature.
#[must_use]
pub fn webhook(body: &str, signature: &str, correlation_id: &str) -> Answer {
    post("/hooks/stripe")
        .header("Stripe-Signature", signature)
        .header("X-Correlation-Id", correlation_id)
        .text(body)
        .send()
}

/// Tells the shop of `event` as Stripe does: until it is taken. Gives the correlation id of what the shop does about it.
#[track_caller]
pub fn tell(event: &Value) -> String {
    let (body, secret) = (event.to_string(), setting("SOUK_STRIPE_WEBHOOK_SECRET"));
    eventually_by_queue("the webhook to be taken", || {
        let correlation_id = unique();
        let answer = webhook(&body, &signature(&body, 0, &secret), &correlation_id);
        (answer.status == 200).then_some(correlation_id)
    })
}

/// [`tell`], and wait until it is dealt with; once more if that fails.
#[track_caller]
pub fn tell_and_await(event: &Value) {
    eventually_by_queue("the event to be handled", || {
        let start = kernel::fresh::now();
        is_handled(&tell(event), start).then_some(())
    });
}

/// Waits until the shop has dealt with the webhook; says whether it succeeded.
#[track_caller]
fn is_handled(correlation_id: &str, told_at: Timestamp) -> bool {
    eventually_by_queue("the webhook to be dealt with", || {
        let lines = logs::since(told_at, correlation_id);
        let has = |name: &str, value: &str| lines.iter().any(|line| line[name] == value);
        if has("level", "ERROR") { Some(false) } else { has("message", "handled").then_some(true) }
    })
}
