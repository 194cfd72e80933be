//! Whoever leaves takes everything along, a copy first.

use e2e::buyer::{Buyer, address};
use e2e::mailbox::mails_to;
use e2e::operator::Table;
use e2e::shop::{delete, eventually_within, fetch, get, post};
use serde_json::json;

use super::accounts::{Somebody, counted, stranger};
use super::ends::{How, PATIENCE};
use super::flows::{Goods, fill, place_for};
use super::people::arrive;

/// With an order that is over, one that could still be paid, and what they wait for.
pub(super) fn leave(goods: &Goods) -> Somebody {
    let (mut somebody, _) = arrive(stranger());
    somebody.ask("an address", &post("/me/addresses").json(&json!({ "address": address() }))).expect(201);
    somebody.waits_for(goods);
    let order = || {
        let cart = somebody.ask("a cart", &post("/carts").json(&json!({}))).expect(201);
        let buyer = Buyer::signed_in_with(somebody.person(), &cart);
        fill(goods, &buyer);
        let order = place_for(buyer, How::Cancelled, 0);
        put_off(&order.id);
        order.begin();
        order
    };
    let over = order();
    over.cancel();
    copy_data(&somebody, &over.id);
    let open = order();

    let password = json!({ "password": somebody.password });
    let (left, times) = counted("leaving", || somebody.by(delete("/me")).json(&password).send());
    // Nobody can ask twice: whoever was not told has left all the same.
    assert!(left.status == 204 || (times > 1 && left.status == 404), "{}", left.text);
    somebody.is_told(&somebody.email, "account is deleted", 1);
    somebody.has_left = true;
    for order in [over, open] {
        let row = || Table::of("orders").get(&format!("ORDER#{}", order.id), "ORDER").unwrap();
        eventually_within(PATIENCE, &format!("order {} to be nobody's", order.id), || {
            let row = row();
            (row["status"] == "cancelled" && row.get("user_id").is_none()).then_some(())
        });
    }
    somebody
}

/// Gives an order longer than this test takes.
fn put_off(order: &str) {
    let (orders, pk) = (Table::of("orders"), format!("ORDER#{order}"));
    let later = kernel::fresh::now().plus_seconds(3600).to_string();
    orders.set(&pk, "ORDER", &[("expires_at", json!(later))]);
    orders.set(&pk, "DUE", &[("expires_at", json!(later)), ("gsi1sk", json!(format!("{later}#{order}")))]);
}

/// One copy, however often it is asked for, with what each service has; `order` is in it.
fn copy_data(somebody: &Somebody, order: &str) {
    let asked = somebody.ask("a copy", &post("/me/exports")).expect(202);
    let id = asked["id"].as_str().unwrap();
    let ready = eventually_within(PATIENCE, "the copy", || {
        let export = somebody.ask("how the copy stands", &get(&format!("/me/exports/{id}"))).expect(200);
        (export["status"] == "ready").then_some(export)
    });
    let file = fetch(ready["url"].as_str().unwrap()).expect(200);
    assert_eq!(file["users"]["profile"]["email"], somebody.email.as_str());
    assert_eq!(
        (&file["orders"]["orders"][0]["id"], &file["payments"]["payments"][0]["order_id"]),
        (&json!(order), &json!(order))
    );
    // Nobody writes to whoever has left.
    eventually_within(PATIENCE, "the mail about the copy", || {
        mails_to(&somebody.email).iter().any(|mail| mail.text.contains(id)).then_some(())
    });
    somebody.is_told(&somebody.email, id, 1);
}
