//! Stock as staff see and count it, and those who wait for it.

use serde_json::{Value, json};

use crate::goods::{Goods, bins, listing};
use crate::operator::{Table, item};
use crate::people::{Person, admin};
use crate::shop::{Answer, Call, eventually, eventually_by_queue, get, post, put};

/// The path of what staff see of a SKU.
#[must_use]
pub fn path(sku: &str) -> String {
    format!("/admin/inventory/{sku}")
}

/// The stock and its ledger as `staff` read it; `query` begins with `?`.
#[must_use]
pub fn read_by(staff: &Person, sku: &str, query: &str) -> Answer {
    get(&format!("{}{query}", path(sku))).bearer(&staff.access_token).send()
}

/// The stock with the first page of its ledger.
#[must_use]
pub fn read(sku: &str) -> Answer {
    read_by(admin(), sku, "?limit=100")
}

/// An adjustment by `staff`; it is not sent yet.
pub fn adjustment(staff: &Person, sku: &str, body: &Value) -> Call {
    post(&format!("{}/adjustments", path(sku))).bearer(&staff.access_token).json(body)
}

/// What is answered to an adjustment once others, who change the same stock, let somebody through.
#[must_use]
pub fn adjusted(sku: &str, body: &Value) -> Answer {
    eventually("a turn to change the stock", || {
        Some(adjustment(admin(), sku, body).send()).filter(|answer| answer.status != 503)
    })
}

/// Sets from how few units on the SKU runs low, as the stock is now.
pub fn low_at(sku: &str, low_at: u32) {
    eventually("a turn to set the threshold", || {
        let etag = read(sku).header("etag").unwrap().to_owned();
        let call = put(&path(sku)).bearer(&admin().access_token).header("If-Match", etag);
        let answer = call.json(&json!({ "low_at": low_at })).send();
        (answer.status != 412).then(|| answer.expect(200))
    });
}

/// What the ledger comes to, read row by row.
#[must_use]
pub fn ledger_sum(sku: &str) -> i64 {
    let entries = Table::of("catalog").partition(&format!("LEDGER#{sku}"));
    entries.iter().map(|entry| entry["delta"].as_i64().unwrap()).sum()
}

/// Holds that what is on hand is the sum of its parts and of the ledger.
#[track_caller]
pub fn adds_up(goods: &Goods) {
    let [on_hand, available, reserved, committed] = bins(goods);
    assert_eq!(on_hand, available + reserved + committed, "the parts");
    assert_eq!(on_hand, ledger_sum(&goods.sku), "the ledger");
    assert!([available, reserved, committed].iter().all(|number| *number >= 0), "{:?}", bins(goods));
}

/// Waits until lists say whether the goods are in stock.
#[track_caller]
pub fn listed_as(goods: &Goods, in_stock: bool) {
    eventually_by_queue(&format!("{} to be listed as in stock: {in_stock}", goods.id), || {
        listing(goods).filter(|listing| listing["in_stock"] == in_stock)
    });
}

/// Asks to hear when the goods are back; `person` is none for a guest.
#[must_use]
pub fn wait_for(goods: &Goods, person: Option<&Person>, body: &Value) -> Answer {
    let call = post(&format!("/products/{}/stock-alerts", goods.id)).json(body);
    match person {
        Some(person) => call.bearer(&person.access_token).send(),
        None => call.send(),
    }
}

/// Who waits for a SKU, row by row.
#[must_use]
pub fn waiting(sku: &str) -> Vec<Value> {
    Table::of("catalog").partition(&format!("ALERT#{sku}"))
}

/// What the table's stream would bring when the stock of `goods` goes from so many available units to so many.
#[must_use]
pub fn stream_record(goods: &Goods, id: &str, [before, after]: [i64; 2]) -> Value {
    let row = crate::goods::stock(goods);
    let image = |available: i64| {
        let mut row = row.clone();
        row["available"] = json!(available);
        item(&row)
    };
    json!({ "Records": [{
        "eventID": id, "eventName": "MODIFY", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": kernel::fresh::now().epoch_seconds(), "Keys": {},
            "OldImage": image(before), "NewImage": image(after),
            "SequenceNumber": "1", "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }] })
}
