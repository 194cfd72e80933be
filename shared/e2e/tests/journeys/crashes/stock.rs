//! A stock sells out, is waited for and comes back; everybody is told once.

use std::collections::BTreeSet;
use std::sync::Mutex;

use e2e::goods::{Goods, bins, listing, product_of, stock};
use e2e::mailbox::mails_to;
use e2e::operator::Ear;
use e2e::people::{Person, admin, shopper};
use e2e::products::by_admin;
use e2e::shop::{eventually_within, put};
use e2e::stock::{adds_up, adjustment, ledger_sum, path, wait_for, waiting};
use e2e::{logs, unique};
use serde_json::json;

use super::catalogue::{Catalogue, up_to_date};
use super::ends::PATIENCE;
use super::flows::patient;
use super::products::made;

/// Another than what a new SKU has.
const LOW_AT: u32 = 2;

/// Who waits and who listens, and for what.
pub(super) struct Stock {
    ada: Person,
    ear: Mutex<Ear>,
    lamps: Mutex<Vec<Goods>>,
}

impl Stock {
    pub(super) fn new() -> Self {
        Self { ada: shopper(), ear: Mutex::new(Ear::for_events("StockLow.v1")), lamps: Mutex::default() }
    }

    /// Holds, once all is quiet, what each stock that went and came has led to.
    pub(super) fn hold(&self) {
        let mut ear = self.ear.lock().unwrap();
        for lamp in self.lamps.lock().unwrap().drain(..) {
            let mails = mails_to(&self.ada.email).iter().filter(|mail| mail.text.contains(&lamp.sku)).count();
            let log = logs::of(&lamp.sku);
            let repeated =
                log.iter().filter(|line| line["message"] == "mail sent" && line["possibly_repeated"] == true);
            let most = 1 + repeated.count();
            assert!((1..=most).contains(&mails), "{}: {mails} mails, at most {most} expected: {log:#?}", lamp.sku);
            let told: BTreeSet<String> = ear.heard_of(&lamp.sku).iter().map(|event| event["id"].to_string()).collect();
            assert_eq!(told.len(), 1, "{}: how often the low stock is told", lamp.sku);
            assert_eq!((bins(&lamp), ledger_sum(&lamp.sku)), ([6, 6, 0, 0], 6));
            assert_eq!(stock(&lamp)["low_at"], LOW_AT);
            adds_up(&lamp);
        }
    }
}

pub(super) fn go_and_come(catalogue: &Catalogue) {
    let lamp = Goods::of(&made(&product_of(&catalogue.category, 1999)));
    adjusted(&lamp, 6);
    await_listed_as(&lamp, true);
    runs_low_below(&lamp, LOW_AT);
    adjusted(&lamp, -6);
    await_listed_as(&lamp, false);
    let wish = json!({ "sku": lamp.sku });
    patient("to be waited for", || wait_for(&lamp, Some(&catalogue.stock.ada), &wish)).expect(202);
    assert_eq!(waiting(&lamp.sku).len(), 1);
    adjusted(&lamp, 6);
    eventually_within(PATIENCE, "whoever waits to be told", || waiting(&lamp.sku).is_empty().then_some(()));
    await_listed_as(&lamp, true);
    catalogue.stock.lamps.lock().unwrap().push(lamp);
}

#[track_caller]
fn adjusted(lamp: &Goods, quantity: i64) {
    let reason = if quantity > 0 { "receipt" } else { "write_off" };
    let (key, body) = (unique(), json!({ "quantity": quantity, "reason": reason }));
    patient("the stock to change", || adjustment(admin(), &lamp.sku, &body).key(&key).send()).expect(201);
}

#[track_caller]
fn runs_low_below(lamp: &Goods, low_at: u32) {
    let call = || {
        let etag = format!("\"{}\"", stock(lamp)["version"]);
        by_admin(put(&path(&lamp.sku))).header("If-Match", etag).json(&json!({ "low_at": low_at })).send()
    };
    up_to_date("its threshold", call).expect(200);
}

#[track_caller]
fn await_listed_as(lamp: &Goods, in_stock: bool) {
    eventually_within(PATIENCE, &format!("{} to be listed as in stock: {in_stock}", lamp.id), || {
        listing(lamp).filter(|listing| listing["in_stock"] == in_stock)
    });
}
