//! Stock as the warehouse counts it, while shoppers order.

use api::Code;
use e2e::buyer::Buyer;
use e2e::chance::Chance;
use e2e::crowd::{Rush, at_once, guests_wanting};
use e2e::goods::{adjust, bins, goods};
use e2e::operator::{Ear, Table, invoke};
use e2e::people::admin;
use e2e::settings;
use e2e::shop::{eventually_by_queue, put};
use e2e::staff::member;
use e2e::stock::{adds_up, adjusted, adjustment, ledger_sum, listed_as, low_at, path, read, read_by, stream_record};
use e2e::unique;
use serde_json::{Value, json};

/// Who order while the stock is counted.
const SHOPPERS: usize = 12;

#[test]
fn the_ledger_tells_how_a_stock_came_to_be() {
    let (lamp, packer, helper) = (goods(1999, 5), member(&["warehouse"]), member(&["support"]));
    let note = "Fell off the shelf";
    for (body, on_hand) in [
        (json!({ "quantity": 10, "reason": "receipt" }), 15),
        (json!({ "quantity": -1, "reason": "write_off", "note": note }), 14),
        (json!({ "counted": 12, "reason": "count" }), 12),
        (json!({ "counted": 12, "reason": "count" }), 12),
    ] {
        let stock = adjustment(&packer, &lamp.sku, &body).send().expect(201);
        assert_eq!((&stock["on_hand"], &stock["product_id"]), (&json!(on_hand), &json!(lamp.id)), "{body}");
    }
    adjustment(&helper, &lamp.sku, &json!({ "quantity": 1, "reason": "receipt" })).send().refused(Code::Forbidden);

    let (mut entries, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = read_by(&helper, &lamp.sku, &format!("?limit=2{cursor}"));
        let page = answer.expect(200);
        assert_eq!((&page["on_hand"], &page["available"], &page["low_at"]), (&json!(12), &json!(12), &json!(5)));
        entries.extend(page["data"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { break };
        assert!(answer.header("link").unwrap().contains(next));
        cursor = format!("&cursor={next}");
    }
    let deltas: Vec<i64> = entries.iter().map(|entry| entry["delta"].as_i64().unwrap()).collect();
    assert_eq!(deltas, [0, -2, -1, 10, 5], "the newest first");
    let reasons: Vec<&Value> = entries.iter().map(|entry| &entry["reason"]).collect();
    assert_eq!(reasons, ["count", "count", "write_off", "receipt", "receipt"]);
    assert_eq!((&entries[2]["note"], entries[1].get("note")), (&json!(note), None));
    let packer = e2e::staff::user_id(&packer);
    assert!(entries[..4].iter().all(|entry| entry["actor"] == json!(packer)));
    adds_up(&lamp);
    let audit = Table::of("catalog").partition(&format!("AUDIT#{}", lamp.sku));
    assert_eq!(audit.iter().filter(|entry| entry["action"] == "adjust_inventory").count(), 5);
}

#[test]
fn what_is_promised_cannot_be_counted_away() {
    let _settings = settings::unchanged();
    let (lamp, mut buyer) = (goods(1999, 5), Buyer::guest());
    buyer.add(&lamp.sku, 3).expect(200);
    let order = buyer.order();
    let count = |counted: i64| adjusted(&lamp.sku, &json!({ "counted": counted, "reason": "count" }));
    let refused = count(2).refused(Code::StockNegative);
    assert_eq!((&refused["available"], &refused["errors"][0]["pointer"]), (&json!(2), &json!("/counted")));
    count(3).expect(201);
    assert_eq!(bins(&lamp), [3, 0, 3, 0]);
    buyer.pay(order["id"].as_str().unwrap());
    eventually_by_queue("the units to be sold", || (bins(&lamp) == [3, 0, 0, 3]).then_some(()));
    count(2).refused(Code::StockNegative);
    adds_up(&lamp);
}

#[test]
fn counts_and_receipts_while_shoppers_order_lose_no_unit() {
    let _settings = settings::unchanged();
    let (lamp, rush) = (goods(1999, 40), Rush::default());
    let (buyers, total) = guests_wanting(SHOPPERS, 2, &lamp);
    let work = [
        json!({ "counted": 50, "reason": "count" }),
        json!({ "quantity": 7, "reason": "receipt" }),
        json!({ "quantity": -3, "reason": "write_off" }),
        json!({ "counted": 60, "reason": "count" }),
    ];
    let answers = at_once(SHOPPERS + work.len(), |number| match buyers.get(number) {
        Some(buyer) => rush.place(buyer, &total, &unique()),
        None => adjusted(&lamp.sku, &work[number - SHOPPERS]),
    });
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    let [_, _, reserved, committed] = bins(&lamp);
    assert_eq!((reserved, committed), (24, 0), "every order has its units");
    adds_up(&lamp);
    // Whoever counts last is believed, whatever was ordered in between.
    adjusted(&lamp.sku, &json!({ "counted": 30, "reason": "count" })).expect(201);
    assert_eq!(bins(&lamp), [30, 6, 24, 0]);
    adds_up(&lamp);
}

/// A history that nobody made up: goods come, break, are counted, ordered, paid for and given back.
#[test]
fn on_hand_is_the_sum_of_the_ledger_after_any_history() {
    let _settings = settings::unchanged();
    let seed = e2e::shop::number_setting("SOUK_SEED").unwrap_or_else(Chance::fresh_seed);
    let (mut chance, lamp) = (Chance::of(seed), goods(1999, 20));
    let mut unpaid: Vec<(Buyer, String)> = Vec::new();
    let mut paid = 0;
    for step in 0..40 {
        let units = i64::try_from(chance.below(9)).unwrap() + 1;
        match chance.below(7) {
            0 => {
                adjusted(&lamp.sku, &json!({ "quantity": units, "reason": "receipt" })).expect(201);
            }
            1 => {
                let answer = adjusted(&lamp.sku, &json!({ "quantity": -units, "reason": "write_off" }));
                assert!([201, 409].contains(&answer.status), "seed {seed}, step {step}: {}", answer.text);
            }
            2 => {
                let counted = units * 4;
                let answer = adjusted(&lamp.sku, &json!({ "counted": counted, "reason": "count" }));
                assert!([201, 409].contains(&answer.status), "seed {seed}, step {step}: {}", answer.text);
                if answer.status == 201 {
                    assert_eq!(bins(&lamp)[0], counted, "seed {seed}, step {step}: what was counted is on hand");
                }
            }
            3 | 4 if bins(&lamp)[1] > 0 => {
                let mut buyer = Buyer::guest();
                buyer.add(&lamp.sku, 1).expect(200);
                let order = buyer.order()["id"].as_str().unwrap().to_owned();
                unpaid.push((buyer, order));
            }
            5 if !unpaid.is_empty() => {
                let (buyer, order) = unpaid.remove(0);
                buyer.pay(&order);
                paid += 1;
            }
            6 if !unpaid.is_empty() => {
                let (buyer, order) = unpaid.remove(0);
                let call = e2e::shop::post(&format!("/orders/{order}/cancellations"));
                buyer.show(call).key(&unique()).json(&json!({})).send().expect(200);
            }
            _ => {}
        }
        assert_eq!(bins(&lamp)[0], ledger_sum(&lamp.sku), "seed {seed}, step {step}");
    }
    let held = i64::try_from(unpaid.len()).unwrap();
    eventually_by_queue(&format!("all to be settled, seed {seed}"), || {
        let [_, _, reserved, committed] = bins(&lamp);
        ((reserved, committed) == (held, paid)).then_some(())
    });
    adds_up(&lamp);
}

#[test]
fn staff_hear_once_for_each_time_that_a_stock_runs_low() {
    let _settings = settings::unchanged();
    let mut ear = Ear::for_events("StockLow.v1");
    let lamp = goods(1999, 6);
    low_at(&lamp.sku, 4);
    let mut low = |times: usize| {
        eventually_by_queue(&format!("{times} times low"), || {
            let told = ear.heard_of(&lamp.sku);
            assert!(told.len() <= times, "{told:?}");
            (told.len() == times).then(|| told.last().unwrap()["data"].clone())
        })
    };
    // Five and four are enough; three are not, and two and one are known to be few.
    for _ in 0..5 {
        let mut buyer = Buyer::guest();
        buyer.add(&lamp.sku, 1).expect(200);
        let _ = buyer.order();
    }
    let told = low(1);
    assert_eq!((&told["available"], &told["low_at"], &told["product_id"]), (&json!(3), &json!(4), &json!(lamp.id)));
    adjust(&lamp.sku, 8);
    adjust(&lamp.sku, -8);
    assert_eq!(low(2)["available"], 1);
    // Staff who want more than there is hear of it, too.
    adjust(&lamp.sku, 8);
    low_at(&lamp.sku, 10);
    assert_eq!(low(3)["available"], 9);

    // A batch that the stream brings again tells nothing new.
    let record = stream_record(&lamp, &unique(), [20, 3]);
    for _ in 0..2 {
        invoke("catalog-on-stock-change", &record).expect_answer();
    }
    assert_eq!(low(4)["available"], 3);
    invoke("catalog-on-stock-change", &record).expect_answer();
    let other = stream_record(&lamp, &unique(), [20, 2]);
    invoke("catalog-on-stock-change", &other).expect_answer();
    assert_eq!(low(5)["available"], 2);
}

#[test]
fn two_who_set_a_threshold_at_once_do_not_overwrite_each_other() {
    let lamp = goods(1999, 6);
    let etag = read(&lamp.sku).header("etag").unwrap().to_owned();
    let set = |low_at: u32| {
        let call = put(&path(&lamp.sku)).bearer(&admin().access_token).header("If-Match", &etag);
        call.json(&json!({ "low_at": low_at })).send()
    };
    let answer = set(3);
    assert_eq!(answer.expect(200)["low_at"], 3);
    set(9).refused(Code::VersionMismatch);
    let now = read(&lamp.sku);
    assert_eq!((&now.expect(200)["low_at"], now.header("etag")), (&json!(3), answer.header("etag")));
    let blind = put(&path(&lamp.sku)).bearer(&admin().access_token).json(&json!({ "low_at": 9 })).send();
    blind.refused(Code::IfMatchMissing);
    let audit = Table::of("catalog").partition(&format!("AUDIT#{}", lamp.sku));
    assert_eq!(audit.iter().filter(|entry| entry["action"] == "update_inventory").count(), 1);
}

#[test]
fn lists_say_at_once_what_sold_out_and_what_is_back() {
    let _settings = settings::unchanged();
    let (lamp, mut buyer) = (goods(1999, 2), Buyer::guest());
    listed_as(&lamp, true);
    buyer.add(&lamp.sku, 2).expect(200);
    let order = buyer.order()["id"].as_str().unwrap().to_owned();
    listed_as(&lamp, false);
    let call = buyer.show(e2e::shop::post(&format!("/orders/{order}/cancellations"))).key(&unique());
    call.json(&json!({})).send().expect(200);
    listed_as(&lamp, true);
}

#[test]
fn an_adjustment_that_makes_no_sense_is_refused_and_changes_nothing() {
    let lamp = goods(1999, 3);
    for (body, pointer, code) in [
        (json!({ "reason": "receipt" }), "/quantity", "required"),
        (json!({ "quantity": 0, "reason": "receipt" }), "/quantity", "out_of_range"),
        (json!({ "quantity": 1_000_001, "reason": "receipt" }), "/quantity", "out_of_range"),
        (json!({ "quantity": -1, "reason": "receipt" }), "/quantity", "out_of_range"),
        (json!({ "quantity": 1, "reason": "write_off" }), "/quantity", "out_of_range"),
        (json!({ "quantity": 1.5, "reason": "receipt" }), "/quantity", "invalid_value"),
        (json!({ "reason": "count" }), "/counted", "required"),
        (json!({ "counted": -1, "reason": "count" }), "/counted", "out_of_range"),
        (json!({ "counted": 3, "quantity": 1, "reason": "count" }), "/quantity", "unknown_field"),
        (json!({ "counted": 3, "reason": "receipt", "quantity": 1 }), "/counted", "unknown_field"),
        (json!({ "quantity": 1, "reason": "import" }), "/reason", "invalid_value"),
        (json!({ "quantity": 1, "reason": "gift" }), "/reason", "invalid_value"),
        (json!({ "quantity": 1, "reason": "receipt", "note": "x".repeat(201) }), "/note", "too_long"),
    ] {
        let refused = adjustment(admin(), &lamp.sku, &body).send().refused(Code::ValidationFailed);
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(pointer), &json!(code)));
    }
    for low_at in [json!(-1), json!(1_000_001), json!("5"), Value::Null] {
        let call = put(&path(&lamp.sku)).bearer(&admin().access_token).header("If-Match", "*");
        let refused = call.json(&json!({ "low_at": low_at })).send().refused(Code::ValidationFailed);
        assert_eq!(refused["errors"][0]["pointer"], "/low_at");
    }
    assert_eq!((bins(&lamp), ledger_sum(&lamp.sku)), ([3, 3, 0, 0], 3));
    adjustment(admin(), "NO-SUCH-SKU", &json!({ "quantity": 1, "reason": "receipt" })).send().refused(Code::NotFound);
}
