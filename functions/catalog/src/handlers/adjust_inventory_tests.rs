use std::cell::{Cell, RefCell};

use dynamo::Key;
use serde_json::{Value, json};
use testkit::request;

use super::*;
use crate::fixtures;

/// A tea of which all but 2 reserved units are available, and somebody who orders one first, `rivals` times.
struct Fake {
    on_hand: i64,
    rivals: Cell<u32>,
    ordered: Cell<i64>,
    saved: RefCell<Option<LedgerEntry>>,
}

impl LoadStock for Fake {
    async fn load_stock(
        &self,
        _: &Sku,
        _: Option<&Claim>,
    ) -> Result<(Option<Row<Offer>>, Option<Row<Record>>), StoreError> {
        let (offer, ordered) = (fixtures::tea().1.remove(0), self.ordered.get());
        let available = self.on_hand - 2 - ordered;
        let offer = Offer { on_hand: self.on_hand, available, reserved: 2 + ordered, ..offer };
        Ok((Some(Row::new(Key::new("STOCK", "STOCK"), offer)), None))
    }
}

impl SaveAdjustment for Fake {
    async fn save_adjustment(&self, adjustment: Adjustment<'_>) -> Result<(), WriteError<()>> {
        if self.rivals.get() > 0 {
            self.rivals.set(self.rivals.get() - 1);
            self.ordered.set(self.ordered.get() + 1);
            return Err(WriteError::Refused(vec![()]));
        }
        self.saved.replace(Some(adjustment.entry.clone()));
        Ok(())
    }
}

async fn adjust(rivals: u32, group: &str, body: Value) -> (Result<Response, Problem>, Option<LedgerEntry>) {
    adjust_of(12, rivals, group, body).await
}

async fn adjust_of(
    on_hand: i64,
    rivals: u32,
    group: &str,
    body: Value,
) -> (Result<Response, Problem>, Option<LedgerEntry>) {
    let catalog = Fake { on_hand, rivals: Cell::new(rivals), ordered: Cell::new(0), saved: RefCell::default() };
    let deps = Deps { catalog, staff: testkit::auth::staff(), now: fixtures::now, new_id: fixtures::new_id };
    let request = request::post("/admin/inventory/TEA-100/adjustments").path_parameter("sku", "TEA-100");
    let request = request.authorized(fixtures::STAFF, group).json(body).build();
    (handle(&deps, request).await, deps.catalog.saved.into_inner())
}

#[tokio::test]
async fn a_delivery_can_be_sold_at_once() {
    for group in ["[admin]", "[warehouse]"] {
        let body = json!({ "quantity": 3, "reason": "receipt", "note": "Two boxes" });
        let (response, saved) = adjust(0, group, body).await;
        let stock = testkit::json(&response.unwrap());
        let expected = json!({
            "sku": "TEA-100", "product_id": fixtures::tea().0.id, "on_hand": 15, "available": 13, "reserved": 2,
            "committed": 0, "low_at": 5,
        });
        assert_eq!(stock, expected);
        let saved = saved.unwrap();
        assert_eq!((saved.delta, saved.reason, saved.actor.as_str()), (3, Reason::Receipt, fixtures::STAFF));
        assert_eq!(saved.note.unwrap().as_str(), "Two boxes");
    }
}

#[tokio::test]
async fn a_count_is_reckoned_from_the_stock_of_that_moment() {
    let count = |counted: i64| json!({ "counted": counted, "reason": "count" });
    for (counted, rivals, delta) in [(10, 0, -2), (12, 3, 0), (20, 7, 8)] {
        let (response, saved) = adjust(rivals, "[warehouse]", count(counted)).await;
        assert_eq!(testkit::json(&response.unwrap())["on_hand"], json!(counted));
        assert_eq!((saved.as_ref().unwrap().delta, saved.unwrap().reason), (delta, Reason::Count));
    }
    let (refused, saved) = adjust(0, "[admin]", count(1)).await;
    let refused = refused.unwrap_err();
    assert_eq!((refused.code(), refused.faults()[0].pointer.as_str()), (Code::StockNegative, "/counted"));
    assert_eq!(saved, None);
}

#[tokio::test]
async fn what_is_reserved_cannot_be_written_off() {
    let (refused, saved) = adjust(0, "[admin]", json!({ "quantity": -11, "reason": "write_off" })).await;
    let refused = refused.unwrap_err();
    assert_eq!((refused.code(), refused.field("available")), (Code::StockNegative, Some(&json!(10))));
    assert_eq!(refused.detail(), "Only 10 units are not promised to anybody; 2 are reserved and 0 sold.");
    assert_eq!(saved, None);
}

#[tokio::test]
async fn a_stock_never_grows_beyond_what_can_be_counted() {
    let receipt = json!({ "quantity": 5, "reason": "receipt" });
    let (fits, _) = adjust_of(MAX_COUNT - 5, 0, "[warehouse]", receipt.clone()).await;
    assert_eq!(testkit::json(&fits.unwrap())["on_hand"], json!(MAX_COUNT));
    let (refused, saved) = adjust_of(MAX_COUNT - 4, 0, "[warehouse]", receipt).await;
    let refused = refused.unwrap_err();
    assert_eq!((refused.code(), refused.faults()[0].pointer.as_str()), (Code::ValidationFailed, "/quantity"));
    assert_eq!((refused.faults()[0].code, saved), ("out_of_range", None));
    // One that did before there was a bound can still shrink.
    let less = json!({ "quantity": -1, "reason": "write_off" });
    assert!(adjust_of(MAX_COUNT + 9, 0, "[warehouse]", less).await.0.is_ok());
}

#[tokio::test]
async fn a_correction_goes_either_way() {
    for quantity in [3, -3] {
        let (_, saved) = adjust(0, "[warehouse]", json!({ "quantity": quantity, "reason": "correction" })).await;
        assert_eq!(saved.map(|entry| entry.delta), Some(quantity));
    }
}

#[tokio::test]
async fn a_stock_that_changed_meanwhile_is_read_again() {
    let body = json!({ "quantity": 1, "reason": "correction" });
    assert_eq!(adjust(TRIES - 1, "[admin]", body.clone()).await.1.unwrap().delta, 1);
    let (busy, saved) = adjust(TRIES, "[admin]", body).await;
    assert_eq!((busy.unwrap_err().code(), saved), (Code::TryAgain, None));
}

#[tokio::test]
async fn how_many_is_told_once_in_the_word_that_fits_the_reason() {
    for (body, expected) in [
        (json!({ "reason": "receipt" }), vec![("/quantity", "required")]),
        (json!({ "reason": "count" }), vec![("/counted", "required")]),
        (json!({ "reason": "receipt", "quantity": 0 }), vec![("/quantity", "out_of_range")]),
        (json!({ "reason": "receipt", "quantity": 1_000_001 }), vec![("/quantity", "out_of_range")]),
        (json!({ "reason": "write_off", "quantity": -1_000_001 }), vec![("/quantity", "out_of_range")]),
        (json!({ "reason": "write_off", "quantity": 3 }), vec![("/quantity", "out_of_range")]),
        (json!({ "reason": "receipt", "quantity": -3 }), vec![("/quantity", "out_of_range")]),
        (json!({ "reason": "opening_stock", "quantity": -3 }), vec![("/quantity", "out_of_range")]),
        (json!({ "reason": "correction", "quantity": 0 }), vec![("/quantity", "out_of_range")]),
        (json!({ "reason": "count", "counted": -1 }), vec![("/counted", "out_of_range")]),
        (json!({ "reason": "count", "quantity": 3 }), vec![("/counted", "required"), ("/quantity", "unknown_field")]),
        (json!({ "reason": "receipt", "quantity": 3, "counted": 3 }), vec![("/counted", "unknown_field")]),
        (json!({ "reason": "import", "quantity": 3 }), vec![("/reason", "invalid_value")]),
        (json!({ "reason": "receipt", "quantity": 3, "note": "" }), vec![("/note", "required")]),
    ] {
        let (refused, saved) = adjust(0, "[admin]", body.clone()).await;
        let refused = refused.unwrap_err();
        let found: Vec<_> = refused.faults().iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!((found, saved), (expected, None), "{body}");
    }
}

#[tokio::test]
async fn halves_and_words_are_no_quantities() {
    for quantity in [json!(1.5), json!("3")] {
        let (refused, _) = adjust(0, "[admin]", json!({ "quantity": quantity, "reason": "receipt" })).await;
        assert_eq!(refused.unwrap_err().code(), Code::ValidationFailed);
    }
}

#[tokio::test]
async fn support_cannot_touch_the_stock() {
    let (refused, _) = adjust(0, "[support]", json!({ "quantity": 1, "reason": "correction" })).await;
    assert_eq!(refused.unwrap_err().code(), Code::Forbidden);
}
