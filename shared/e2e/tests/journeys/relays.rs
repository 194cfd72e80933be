//! Events on their way from the outbox to the bus, while that way is cut. Whoever cuts it is alone with the shop.

use std::fs;
use std::path::Path;

use e2e::buyer::Buyer;
use e2e::goods::{Goods, bins, goods};
use e2e::mailbox::mails_to;
use e2e::operator::{CANARY, Mapping, Queue, Table, invoke, named, with_variable};
use e2e::shop::{eventually, eventually_within, post, setting};
use e2e::{logs, settings, unique};
use kernel::Timestamp;
use serde_json::{Value, json};

const RELAY: &str = "orders-relay";
const SWEEP: &str = "orders-sweep";

/// A guest's order of two of five, placed and cancelled again: two events, a stock to give back and a mail to write.
struct Cancelled {
    lamp: Goods,
    buyer: Buyer,
    id: String,
    number: String,
    /// What the log tells of it.
    correlation: String,
}

impl Cancelled {
    fn order() -> Self {
        let (lamp, mut buyer, correlation) = (goods(1999, 5), Buyer::guest(), format!("relay-{}", unique()));
        buyer.add(&lamp.sku, 2).expect(200);
        let total = buyer.quote().expect(200)["total"].clone();
        let place = buyer.show(post("/orders")).key(&unique()).header("X-Correlation-Id", &correlation);
        let order = place.json(&buyer.order_body(&total)).send().expect(201);
        let text = |name: &str| order[name].as_str().unwrap().to_owned();
        buyer.order_token = Some(text("token"));
        Self { lamp, buyer, id: text("id"), number: text("number"), correlation }
    }

    fn cancel(&self) {
        let call = self.buyer.show(post(&format!("/orders/{}/cancellations", self.id))).key(&unique());
        call.header("X-Correlation-Id", &self.correlation).json(&json!({})).send().expect(200);
    }

    fn new() -> Self {
        let cancelled = Self::order();
        cancelled.cancel();
        cancelled
    }

    /// Its events that are not known to be on the bus.
    fn waiting(&self) -> Vec<Value> {
        let rows = Table::of("orders").scan("OUTBOX#");
        rows.into_iter().filter(|row| row["detail"].as_str().is_some_and(|detail| detail.contains(&self.id))).collect()
    }

    /// Sets since when its events wait: the sweep leaves to the relay what is younger than a minute.
    fn waiting_since(&self, time: Timestamp) {
        for row in self.waiting() {
            let (pk, sk) = (row["pk"].as_str().unwrap(), row["sk"].as_str().unwrap());
            Table::of("orders").set(pk, sk, &[("created_at", time.to_string().into())]);
        }
    }

    fn is_told(&self) {
        eventually("the events to be on the bus", || self.waiting().is_empty().then_some(()));
    }

    /// How often its log has a line of `function` with `message`.
    fn logged(&self, function: &str, message: &str, about: impl Fn(&Value) -> bool) -> usize {
        let lines = logs::of(&self.correlation);
        let by = |line: &&Value| line["span"]["function"].as_str().is_some_and(|name| name.ends_with(function));
        lines.iter().filter(by).filter(|line| line["message"] == message && about(line)).count()
    }

    /// How often relay and sweep told that it is cancelled.
    fn told(&self) -> usize {
        let cancelled = |line: &Value| line["detail_type"] == "OrderCancelled.v1";
        self.logged(RELAY, "sent", cancelled) + self.logged(SWEEP, "sent", cancelled)
    }

    /// Holds that all who were told, once more for each death of a relay that had told them, did what they had to, once.
    fn had_its_effects_once(&self, deaths: usize) {
        let told = eventually("the cancellation to be told", || Some(self.told()).filter(|told| *told > 0)) + deaths;
        for consumer in ["catalog-on-order-cancelled", "notifications-send-email"] {
            // Who could not have the event just then gets it again after three minutes.
            eventually_within(240, &format!("{consumer} to have had {told} events"), || {
                (self.logged(consumer, "handled", |_| true) >= told).then_some(())
            });
        }
        assert_eq!(bins(&self.lamp), [5, 5, 0, 0]);
        let mails = mails_to(&self.buyer.email).into_iter().filter(|mail| mail.text.contains(&self.number)).count();
        // Where the provider's answer is lost, the mail may go out once more, and the log says so.
        let unsure = self.logged("notifications-send-email", "mail sent", |line| line["possibly_repeated"] == true);
        assert!((1..=1 + unsure).contains(&mails), "{mails} mails about {}, {unsure} of them unsure", self.id);
    }
}

fn now() -> Timestamp {
    kernel::fresh::now()
}

fn long_ago() -> Timestamp {
    now().plus_seconds(-120)
}

/// An outbox row of nobody's, which says `words`.
fn row(pk: &str, source: &str, words: &str) -> Value {
    json!({
        "pk": pk, "sk": words, "type": "outbox", "schema": 1, "version": 1, "source": source,
        "detail_type": "NobodyListens.v1", "detail": json!({ "words": words }).to_string(),
        "created_at": long_ago().to_string(), "correlation_id": words,
    })
}

/// Waits until the relay has come to what the stream brings now.
fn relay_comes_by() {
    let (orders, name) = (Table::of("orders"), unique());
    let pk = format!("{CANARY}{name}");
    orders.put(&row(&pk, "souk.canary", &name));
    eventually("the relay to come by", || orders.get(&pk, &name).is_none().then_some(()));
}

fn sweep() {
    assert_eq!(invoke(SWEEP, &json!({})).error, None);
}

#[test]
fn a_relay_that_dies_between_bus_and_delete_tells_again_and_it_counts_once() {
    let _alone = settings::alone();
    let armed = Path::new(&setting("SOUK_FAILPOINTS")).join("armed");
    fs::create_dir_all(&armed).unwrap();
    let point = armed.join(format!("{}@dynamodb TransactWriteItems delete OUTBOX@before", named(RELAY)));
    // No order of another test may expire just then and be the one that the relay dies over.
    let _waiting = Mapping::of("orders-expire-order").stop();
    let cancelled = Cancelled::order();
    cancelled.is_told();
    fs::write(&point, "").unwrap();
    cancelled.cancel();
    cancelled.is_told();
    assert!(!point.exists(), "the relay did not die");
    cancelled.had_its_effects_once(1);
}

#[test]
fn a_relay_that_stood_still_goes_on_where_it_stood() {
    let _alone = settings::alone();
    let stopped = Mapping::of(RELAY).stop();
    let cancelled = [0, 1, 2].map(|_| Cancelled::new());
    cancelled.iter().for_each(|cancelled| {
        assert_eq!((cancelled.waiting().len(), bins(&cancelled.lamp)), (2, [5, 3, 2, 0]));
    });
    drop(stopped);
    cancelled.iter().for_each(Cancelled::is_told);
    cancelled.iter().for_each(|cancelled| cancelled.had_its_effects_once(0));
}

#[test]
fn what_the_stream_forgot_while_the_relay_stood_still_is_swept_up() {
    let _alone = settings::alone();
    let forgetful = Mapping::of(RELAY).forget();
    let forgotten = [0, 1, 2].map(|_| Cancelled::new());
    forgotten.iter().for_each(|cancelled| cancelled.waiting_since(now().plus_seconds(3600)));
    relay_comes_by();
    drop(forgetful);

    let later = Cancelled::new();
    later.is_told();
    later.had_its_effects_once(0);
    for cancelled in &forgotten {
        assert_eq!((cancelled.waiting().len(), bins(&cancelled.lamp)), (2, [5, 3, 2, 0]), "the stream forgot");
    }

    forgotten.iter().for_each(|cancelled| cancelled.waiting_since(long_ago()));
    sweep();
    forgotten.iter().for_each(Cancelled::is_told);
    forgotten.iter().for_each(|cancelled| cancelled.had_its_effects_once(0));
}

#[test]
fn rows_that_can_never_be_sent_end_with_their_words_where_somebody_looks_and_hold_up_nobody() {
    let _alone = settings::alone();
    let (orders, hour) = (Table::of("orders"), now().hour_bucket());
    let stopped = Mapping::of(RELAY).stop();
    let poison: Vec<String> = (0..4).map(|_| unique()).collect();
    for (shard, words) in poison.iter().enumerate() {
        let pk = format!("OUTBOX#{hour}#{shard}");
        orders.put(&json!({ "pk": pk, "sk": format!("0-{words}"), "type": "outbox", "words": words }));
        // Only AWS itself may speak as `aws.…`.
        orders.put(&row(&pk, "aws.souk", words));
    }
    let swept = Cancelled::new();
    swept.waiting_since(long_ago());
    sweep();
    swept.is_told();
    swept.had_its_effects_once(0);
    drop(stopped);

    // The stream brings the same rows to the relay.
    let relayed = Cancelled::new();
    relayed.is_told();
    relayed.had_its_effects_once(0);

    let buried = Queue::of("orders-relay-dead-letters");
    for words in &poison {
        for (name, body) in [("unreadable", format!("0-{words}")), ("refused by the bus", "NobodyListens".to_owned())] {
            let letter = eventually(&format!("the {name} row to be buried"), || {
                buried.take_where(|letter| letter.contains(words) && letter.contains(&body))
            });
            assert!(letter.body.contains(words));
        }
        // The sweep and the relay may both have buried what the bus refused.
        while buried.take(words).is_some() {}
    }
    let left =
        orders.scan("OUTBOX#").into_iter().filter(|row| poison.iter().any(|words| row.to_string().contains(words)));
    assert_eq!(left.count(), 0, "buried rows are gone");
}

#[test]
fn what_the_bus_does_not_take_stays_and_is_sent_later() {
    let _alone = settings::alone();
    let complaints = || logs::of("the bus did not answer").len();
    let before = complaints();
    let misled = with_variable(RELAY, "EVENT_BUS", &named("nowhere"));
    let cancelled = Cancelled::new();
    cancelled.waiting_since(now().plus_seconds(3600));
    eventually_within(60, "the relay to fail", || (complaints() > before).then_some(()));
    assert_eq!((cancelled.waiting().len(), bins(&cancelled.lamp)), (2, [5, 3, 2, 0]));
    drop(misled);

    cancelled.waiting_since(long_ago());
    sweep();
    cancelled.is_told();
    cancelled.had_its_effects_once(0);
}
