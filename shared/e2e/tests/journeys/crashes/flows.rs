//! What shoppers and operators do while functions die under them: try again, with the same key.

use std::sync::Mutex;

use api::Code;
use e2e::buyer::Buyer;
use e2e::goods::{bins, goods};
use e2e::operator::{Mapping, Queue, Table, invoke};
use e2e::ordered::{fall_due, payments_of};
use e2e::shop::{Answer, delete, eventually_within, get, post, put, setting};
use e2e::stripe::{self, DECLINED_CARD, Faults, GOOD_CARD};
use e2e::unique;
use serde_json::{Value, json};

use super::ends::{End, How, PATIENCE, WITH_OUTBOX};

const CANCEL: &str = "POST /v1/payment_intents/{id}/cancel";
const REFUND: &str = "POST /v1/refunds";
const STOCK: i64 = 1000;

/// One way that something goes: an order, somebody with an account, or something of the catalogue.
pub(super) struct Flow<'a, E> {
    pub(super) name: &'static str,
    pub(super) run: Box<dyn Fn() -> E + Send + Sync + 'a>,
}

/// What all orders are about.
pub(super) struct Goods {
    lamp: e2e::goods::Goods,
    other: e2e::goods::Goods,
    /// Nobody has any of it.
    pub(super) sold_out: e2e::goods::Goods,
    sold: Mutex<i64>,
}

impl Goods {
    pub(super) fn new() -> Self {
        Self { lamp: goods(1999, STOCK), other: goods(500, STOCK), sold_out: goods(500, 0), sold: Mutex::new(0) }
    }

    /// Waits until lists know that there are goods: the stream has brought it to whom it concerns.
    pub(super) fn are_listed(&self) {
        for goods in [&self.lamp, &self.other] {
            e2e::stock::listed_as(goods, true);
        }
        e2e::goods::listed(&self.sold_out);
    }

    /// Holds that one unit is committed for each order that was confirmed so far, and nothing else happened to the stock.
    pub(super) fn hold(&self, ends: &[End]) {
        let mut sold = self.sold.lock().unwrap();
        *sold += i64::try_from(ends.iter().filter(|end| end.how == How::Confirmed).count()).unwrap();
        assert_eq!(bins(&self.lamp), [STOCK, STOCK - *sold, 0, *sold], "on hand, available, reserved, committed");
        assert_eq!(bins(&self.other), [STOCK, STOCK, 0, 0]);
    }
}

/// Sends `call` until it is answered: a function that died, one that is busy and a request that still runs are asked again.
#[track_caller]
pub(super) fn patient(what: &str, mut call: impl FnMut() -> Answer) -> Answer {
    eventually_within(PATIENCE, what, || {
        let answer = call();
        let in_flight = answer.json()["code"] == Code::IdempotencyInFlight.as_str();
        (answer.status < 500 && !in_flight).then_some(answer)
    })
}

/// A way to go: what it is called, how many go it at once, and how.
pub(super) type Way<G, E> = (&'static str, usize, fn(&G) -> E);

/// So many of each that several wait at once for what a crash left: a lease is waited for once, not once for each crash.
pub(super) fn shoppers(goods: &Goods) -> Vec<Flow<'_, End>> {
    let ways: [Way<Goods, End>; 10] = [
        ("buying", 6, buy),
        ("paying after a decline", 2, pay_after_a_decline),
        ("cancelling before paying", 1, cancel_unpaid),
        ("cancelling while paying", 2, cancel_while_paying),
        ("cancelling what was paid just now", 2, cancel_what_was_paid),
        ("hearing of a refund before its answer", 1, hear_of_the_refund),
        ("paying what was cancelled", 2, pay_what_was_cancelled),
        ("paying twice", 1, pay_twice),
        ("paying twice and hearing of the refund before its answer", 1, pay_twice_and_hear_of_the_refund),
        ("letting it expire", 2, let_it_expire),
    ];
    flows(goods, &ways)
}

/// What an operator's schedules mend.
pub(super) fn operators(goods: &Goods) -> Vec<Flow<'_, End>> {
    let ways: [Way<Goods, End>; 5] = [
        ("a payment that Stripe never told of", 2, never_told),
        ("a payment of a cancelled order that nobody closed", 1, never_closed),
        ("money for a cancelled order that nobody was told of", 1, late_and_never_told),
        ("a payment that orders never heard of", 1, never_heard),
        ("an order whose expiry message is lost", 2, swept),
    ];
    flows(goods, &ways)
}

/// The ways that go about `things`.
pub(super) fn flows<'a, G: Sync, E: 'static>(things: &'a G, ways: &[Way<G, E>]) -> Vec<Flow<'a, E>> {
    let flow =
        |&(name, times, run): &Way<G, E>| (0..times).map(move |_| Flow { name, run: Box::new(move || run(things)) });
    ways.iter().flat_map(flow).collect()
}

/// A guest's cart with one lamp in it.
pub(super) fn cart(goods: &Goods) -> Buyer {
    let cart = patient("a cart", || post("/carts").json(&json!({})).send()).expect(201);
    let buyer = Buyer::guest_with(&cart);
    fill(goods, &buyer);
    buyer
}

/// Puts one lamp into a cart, after some dithering.
pub(super) fn fill(goods: &Goods, buyer: &Buyer) {
    patient("the product", || get(&format!("/products/{}", goods.lamp.id)).send()).expect(200);
    let line = |sku: &str| format!("/carts/{}/lines/{sku}", buyer.cart_id);
    for sku in [&goods.other.sku, &goods.lamp.sku] {
        patient("a line", || buyer.add(sku, 2)).expect(200);
    }
    let removed = patient("removing a line", || buyer.show(delete(&line(&goods.other.sku))).send());
    assert!([200, 404].contains(&removed.status), "{}", removed.text);
    let one = json!({ "quantity": 1 });
    patient("one only", || buyer.show(put(&line(&goods.lamp.sku))).json(&one).send()).expect(200);
    let cart = patient("the cart", || buyer.cart()).expect(200);
    let lines: Vec<_> =
        cart["lines"].as_array().unwrap().iter().map(|line| (&line["sku"], &line["quantity"])).collect();
    assert_eq!(lines, [(&json!(goods.lamp.sku), &json!(1))]);
}

/// A placed order that is to end as `how`, with so many intents paid.
fn place(goods: &Goods, how: How, paid: i64) -> End {
    place_for(cart(goods), how, paid)
}

/// [`place`], of what `buyer` has in the cart.
pub(super) fn place_for(mut buyer: Buyer, how: How, paid: i64) -> End {
    let quote = patient("a quote", || buyer.quote()).expect(200);
    let key = unique();
    let call = || buyer.place(&quote["total"], &key);
    let order = patient("placing the order", call).expect(201);
    assert_eq!(patient("placing it again", call).expect(201), order);
    let text = |name: &str| order[name].as_str().unwrap().to_owned();
    buyer.order_token = order["token"].as_str().map(str::to_owned);
    let total = order["total"]["amount"].as_i64().unwrap();
    End { id: text("id"), number: text("number"), buyer, total, how, paid }
}

impl End {
    /// Begins to pay; gives the client's secret.
    pub(super) fn begin(&self) -> String {
        let key = unique();
        let payment = patient("a payment", || self.buyer.create_payment(&self.id, &key)).expect(201);
        let id = payment["id"].as_str().unwrap();
        let shown = patient("reading the payment", || self.buyer.show(get(&format!("/payments/{id}"))).send());
        assert_eq!(shown.expect(200)["id"], id);
        payment["client_secret"].as_str().unwrap().to_owned()
    }

    pub(super) fn cancel(&self) {
        let key = unique();
        let call = || {
            let call = post(&format!("/orders/{}/cancellations", self.id));
            self.buyer.show(call).key(&key).json(&json!({})).send()
        };
        patient("cancelling", call).expect(200);
    }

    #[track_caller]
    fn await_status(&self, status: &str) {
        eventually_within(PATIENCE, &format!("order {} to be {status}", self.id), || {
            (self.order()["status"] == status).then_some(())
        });
    }

    fn has_payment(&self, name: &str, value: &Value) -> bool {
        payments_of(&self.id).iter().any(|row| &row[name] == value)
    }

    #[track_caller]
    fn await_payment(&self, name: &str, value: &Value) {
        let what = format!("a payment of {} with {name} {value}", self.id);
        eventually_within(PATIENCE, &what, || self.has_payment(name, value).then_some(()));
    }

    /// Waits until Stripe has given back `amount`, doing `meanwhile` in between.
    #[track_caller]
    fn await_returned(&self, amount: i64, mut meanwhile: impl FnMut()) {
        eventually_within(PATIENCE, &format!("{amount} to go back for order {}", self.id), || {
            meanwhile();
            (stripe::known(&self.id).taken_and_returned().1 == amount).then_some(())
        });
    }
}

fn buy(goods: &Goods) -> End {
    let order = place(goods, How::Confirmed, 1);
    let secret = order.begin();
    assert_eq!(order.begin(), secret, "another key begins no other payment");
    stripe::pay(&secret, GOOD_CARD).expect(200);
    order.await_status("confirmed");
    order
}

fn pay_after_a_decline(goods: &Goods) -> End {
    let order = place(goods, How::Confirmed, 1);
    let secret = order.begin();
    stripe::pay(&secret, DECLINED_CARD).expect(402);
    stripe::pay(&secret, GOOD_CARD).expect(200);
    order.await_status("confirmed");
    order
}

fn cancel_unpaid(goods: &Goods) -> End {
    let order = place(goods, How::Cancelled, 0);
    order.cancel();
    order
}

/// The shop writes down itself that the intent is cancelled, before Stripe tells of it.
fn cancel_while_paying(goods: &Goods) -> End {
    let order = place(goods, How::Cancelled, 0);
    let _silence = Faults::silent(&order.id);
    order.begin();
    order.cancel();
    order.await_payment("status", &json!("cancelled"));
    order
}

/// The shop cancels before it hears of the money.
fn cancel_what_was_paid(goods: &Goods) -> End {
    let order = place(goods, How::Cancelled, 1);
    let _silence = Faults::silent(&order.id);
    stripe::pay(&order.begin(), GOOD_CARD).expect(200);
    order.cancel();
    order.await_returned(order.total, || ());
    order
}

/// The shop never gets an answer when it asks for a refund; it hears of it from Stripe's events alone.
fn refunds_unanswered() -> Value {
    json!([{ "route": REFUND, "fault": "lost_answer", "times": 999 }])
}

fn hear_of_the_refund(goods: &Goods) -> End {
    let order = place(goods, How::Cancelled, 1);
    let faults = Faults::of(&order.id, &json!({ "hold": true, "calls": refunds_unanswered() }));
    stripe::pay(&order.begin(), GOOD_CARD).expect(200);
    order.cancel();
    order.await_returned(order.total, || ());
    faults.replace(&json!({ "calls": refunds_unanswered() }));
    order.await_payment("status", &json!("refunded"));
    order
}

/// The shop hears of the money when the order is cancelled; the intent could not be cancelled in time. It writes down itself what it
/// gave back, before Stripe tells of it.
fn pay_what_was_cancelled(goods: &Goods) -> End {
    let order = place(goods, How::Cancelled, 1);
    let _faults = Faults::of(&order.id, &json!({ "hold": true, "calls": [{ "route": CANCEL, "times": 999 }] }));
    let secret = order.begin();
    order.cancel();
    stripe::pay(&secret, GOOD_CARD).expect(200);
    let event = stripe::known(&order.id).event("payment_intent.succeeded").to_string();
    let signature = stripe::signature(&event, 0, &setting("SOUK_STRIPE_WEBHOOK_SECRET"));
    patient("the webhook", || stripe::webhook(&event, &signature, &order.id)).expect(200);
    order.await_payment("status", &json!("refunded"));
    order
}

fn pay_twice(goods: &Goods) -> End {
    let order = buy(goods);
    stripe::pay_intent(&stripe::twin(&stripe::known(&order.id).intents()[0]));
    order.await_returned(order.total, || ());
    End { paid: 2, ..order }
}

fn pay_twice_and_hear_of_the_refund(goods: &Goods) -> End {
    let order = buy(goods);
    let _lost = Faults::of(&order.id, &json!({ "calls": refunds_unanswered() }));
    stripe::pay_intent(&stripe::twin(&stripe::known(&order.id).intents()[0]));
    order.await_payment("status", &json!("refunded"));
    End { paid: 2, ..order }
}

fn let_it_expire(goods: &Goods) -> End {
    let order = place(goods, How::Cancelled, 0);
    order.await_status("cancelled");
    order
}

/// Whether it got to its end; a function that died has not.
fn reconcile() -> bool {
    invoke("payments-reconcile", &json!({ "older_than_seconds": 0 })).error.is_none()
}

fn never_told(goods: &Goods) -> End {
    let order = place(goods, How::Confirmed, 1);
    let _lost = Faults::of(&order.id, &json!({ "drop": 999 }));
    stripe::pay(&order.begin(), GOOD_CARD).expect(200);
    eventually_within(PATIENCE, "the payment to be found", || {
        reconcile();
        (order.order()["status"] == "confirmed").then_some(())
    });
    order
}

/// While payments does not hear of cancelled orders.
fn never_closed(goods: &Goods) -> End {
    let order = place(goods, How::Cancelled, 0);
    let _silence = Faults::silent(&order.id);
    order.begin();
    order.cancel();
    eventually_within(PATIENCE, "the payment to be closed", || {
        reconcile();
        order.has_payment("status", &json!("cancelled")).then_some(())
    });
    order
}

/// While payments does not hear of cancelled orders.
fn late_and_never_told(goods: &Goods) -> End {
    let order = place(goods, How::Cancelled, 1);
    let _lost = Faults::of(&order.id, &json!({ "drop": 999 }));
    let secret = order.begin();
    stripe::pay(&secret, GOOD_CARD).expect(200);
    order.cancel();
    order.await_returned(order.total, || {
        reconcile();
    });
    order
}

fn never_heard(goods: &Goods) -> End {
    let order = place(goods, How::Confirmed, 1);
    let secret = order.begin();
    let deaf = Mapping::of("orders-on-payment-captured").stop();
    stripe::pay(&secret, GOOD_CARD).expect(200);
    order.await_payment("status", &json!("captured"));
    let mut looks = 0;
    eventually_within(PATIENCE, "three whole looks", || {
        looks += usize::from(reconcile());
        (looks >= 3).then_some(())
    });
    drop(deaf);
    order.await_status("confirmed");
    order
}

fn swept(goods: &Goods) -> End {
    let order = place(goods, How::Cancelled, 0);
    order.begin();
    let (orders, pk) = (Table::of("orders"), format!("ORDER#{}", order.id));
    fall_due(&order.id);
    let listed = orders.get(&pk, "DUE").unwrap();
    let sweep = || {
        let _ = invoke("orders-expire-orders", &json!({}));
    };
    eventually_within(PATIENCE, "the order to expire", || {
        sweep();
        (order.order()["status"] == "cancelled").then_some(())
    });
    // As if it had been listed while it was closed.
    orders.put(&listed);
    eventually_within(PATIENCE, "the order to be off the list", || {
        sweep();
        orders.get(&pk, "DUE").is_none().then_some(())
    });
    order
}

/// An event goes out by each relay. Then relays stop; what waits in the outboxes goes out by the sweeps, and what is no event goes to
/// the dead letters.
pub(super) fn outboxes() {
    std::thread::scope(|scope| {
        for service in WITH_OUTBOX {
            scope.spawn(move || send_and_sweep(service));
        }
    });
}

fn send_and_sweep(service: &str) {
    let (table, words) = (Table::of(service), unique());
    let two_minutes_ago = kernel::fresh::now().plus_seconds(-120);
    let pk = format!("OUTBOX#{}#0", two_minutes_ago.hour_bucket());
    let event = || {
        table.put(&json!({
            "pk": pk, "sk": kernel::fresh::ulid().to_string(), "type": "outbox", "schema": 1, "version": 1,
            "source": format!("souk.{service}"), "detail_type": "NobodyListens.v1", "detail": "{}",
            "created_at": two_minutes_ago.to_string(), "correlation_id": words,
        }));
    };
    event();
    eventually_within(PATIENCE, "the relay to send an event", || table.partition(&pk).is_empty().then_some(()));
    let _still = Mapping::of(&format!("{service}-relay")).stop();
    event();
    table.put(&json!({ "pk": pk, "sk": words, "type": "outbox" }));
    // It looks back a day, and remembers that it did.
    table.delete("SWEPT", "SWEPT");
    eventually_within(PATIENCE, "the outbox to be swept", || {
        let swept = invoke(&format!("{service}-sweep"), &json!({})).error.is_none();
        (swept && table.partition(&pk).is_empty()).then_some(())
    });
    let dead_letters = Queue::of(&format!("{service}-relay-dead-letters"));
    let mut buried = 0;
    while dead_letters.take(&words).is_some() {
        buried += 1;
    }
    assert!(buried > 0, "{service}: a row that is no event was lost");
}
