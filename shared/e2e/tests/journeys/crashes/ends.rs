//! How an order must end, whatever died on its way.

use e2e::buyer::Buyer;
use e2e::logs;
use e2e::mailbox::mails_to;
use e2e::operator::Table;
use e2e::ordered::payments_of;
use e2e::shop::eventually_within;
use e2e::stripe;
use serde_json::Value;

use super::flows::patient;
use super::haste::Hasty;

/// The longest that something left by a crash is waited for: a mail's lease, with room.
pub(super) const PATIENCE: u64 = 150;
/// The services whose tables have an outbox.
pub(super) const WITH_OUTBOX: [&str; 6] = ["users", "catalog", "cart", "orders", "payments", "notifications"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Confirmed,
    Cancelled,
}

/// An order and how it must end.
#[derive(Debug)]
pub(super) struct End {
    pub(super) buyer: Buyer,
    pub(super) id: String,
    pub(super) number: String,
    pub(super) total: i64,
    pub(super) how: How,
    /// So many payment intents were paid.
    pub(super) paid: i64,
}

impl End {
    pub(super) fn holds(&self) {
        let order = self.order();
        let steps: Vec<_> = order["timeline"].as_array().unwrap().iter().map(|step| step["type"].clone()).collect();
        let (status, kept) = match self.how {
            How::Confirmed => ("confirmed", self.total),
            How::Cancelled => ("cancelled", 0),
        };
        assert_eq!((&order["status"], steps), (&Value::from(status), vec!["placed".into(), status.into()]), "{order}");

        let taken = self.paid * self.total;
        let known = stripe::known(&self.id);
        assert_eq!(known.taken_and_returned(), (taken, taken - kept), "order {}: {known:?}", self.id);
        let rows = payments_of(&self.id);
        let sum = |name: &str| rows.iter().map(|row| row[name]["amount"].as_i64().unwrap()).sum::<i64>();
        assert_eq!((sum("captured"), sum("refunded")), (taken, taken - kept), "order {}: {rows:?}", self.id);
        for intent in known.intents() {
            let settled = ["succeeded", "canceled"].iter().any(|status| intent["status"] == *status);
            assert!(settled, "order {} can still be paid: {intent}", self.id);
        }
        self.was_told_once();
    }

    /// One mail; one more for each that was sent again because nobody could know.
    fn was_told_once(&self) {
        let mails = mails_to(&self.buyer.email).iter().filter(|mail| mail.text.contains(&self.number)).count();
        let log = logs::of(&self.id);
        let repeated = log.iter().filter(|line| line["message"] == "mail sent" && line["possibly_repeated"] == true);
        let most = 1 + repeated.count();
        assert!((1..=most).contains(&mails), "order {}: {mails} mails, at most {most} expected: {log:#?}", self.id);
    }

    pub(super) fn order(&self) -> Value {
        let call = || self.buyer.show(e2e::shop::get(&format!("/orders/{}", self.id))).send();
        patient("reading the order", call).expect(200)
    }
}

/// Waits until no event and no message is on its way.
pub(super) fn quiet(queues: &Hasty) {
    let tables = WITH_OUTBOX.map(Table::of);
    eventually_within(PATIENCE, "all messages to be handled", || {
        let sent = || tables.iter().all(|table| table.scan("OUTBOX#").is_empty());
        // What was the last to be handled may have told of something.
        (queues.are_empty() && sent() && queues.are_empty()).then_some(())
    });
}
