//! Many want the same at one moment. What is counted is orders and units, never time.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use api::Code;
use e2e::buyer::Buyer;
use e2e::crowd::{Rush, at_once, guests_wanting, tally};
use e2e::goods::{Goods, bins, goods};
use e2e::operator::{Table, invoke};
use e2e::ordered::fall_due;
use e2e::shop::{Answer, eventually, post};
use e2e::{settings, unique};
use serde_json::{Value, json};

pub(crate) const SHOPPERS: usize = 200;
const FUNCTION: &str = "orders-place-order";

/// Two hundred shoppers who each want `quantity` of goods of which there are twenty; gives what they were answered.
pub(crate) fn rush_on_twenty(goods: &Goods, quantity: u32, rush: &Rush) -> Vec<Answer> {
    let (buyers, total) = guests_wanting(SHOPPERS, quantity, goods);
    at_once(SHOPPERS, |number| rush.place(&buyers[number], &total, &unique()))
}

/// Holds that so many of `answers` are orders with stock of their own, and all others refusals that name the goods.
#[track_caller]
pub(crate) fn only_so_many_bought(orders: usize, quantity: u32, goods: &Goods, answers: &[Answer]) {
    let (placed, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(placed.len(), orders, "{:?}", tally(answers));
    for answer in refused {
        let body = answer.refused(Code::OutOfStock);
        assert_eq!(body["skus"], json!([goods.sku]), "{body}");
        let left = body["lines"][0]["available"].as_i64().unwrap();
        assert!(left < i64::from(quantity), "refused although there is enough: {body}");
    }
    let orders: Vec<Value> = placed.iter().map(|answer| answer.json()).collect();
    for member in ["id", "number"] {
        let distinct: BTreeSet<_> = orders.iter().map(|order| order[member].as_str().unwrap()).collect();
        assert_eq!(distinct.len(), orders.len(), "{member}s of orders are their own");
    }
    for order in &orders {
        let hold = Table::of("catalog").get(&format!("HOLD#{}", order["id"].as_str().unwrap()), "HOLD");
        assert_eq!(hold.expect("an order has its hold")["lines"], json!({ goods.sku.clone(): quantity }));
    }
    let sold = i64::try_from(orders.len()).unwrap() * i64::from(quantity);
    assert_eq!(bins(goods), [20, 20 - sold, sold, 0], "on hand, available, reserved, committed");
}

/// Holds that the shop served at least twenty of them side by side, and prints how it went.
#[track_caller]
#[expect(clippy::print_stdout, reason = "figures for whoever runs the tests")]
pub(crate) fn it_was_a_rush(rush: &Rush, answers: &[Answer]) {
    let overlap = rush.overlap(FUNCTION, answers.len());
    assert!(overlap >= 20, "only {overlap} requests were under way at once");
    println!("{:?}, {} told to try again, {overlap} at once", tally(answers), rush.busy());
}

#[test]
fn two_hundred_at_once_buy_the_twenty_that_are_there_and_no_more() {
    let _settings = settings::unchanged();
    let (lamp, rush) = (goods(1999, 20), Rush::default());
    let answers = rush_on_twenty(&lamp, 1, &rush);
    only_so_many_bought(20, 1, &lamp, &answers);
    it_was_a_rush(&rush, &answers);
}

#[test]
fn two_hundred_who_each_want_three_of_twenty_get_six_orders_and_leave_two() {
    let _settings = settings::unchanged();
    let (lamp, rush) = (goods(1999, 20), Rush::default());
    let answers = rush_on_twenty(&lamp, 3, &rush);
    only_so_many_bought(6, 3, &lamp, &answers);
    it_was_a_rush(&rush, &answers);
}

#[test]
fn one_key_fifty_times_at_once_is_one_order_and_fifty_equal_answers() {
    let _settings = settings::unchanged();
    let (lamp, rush, key) = (goods(1999, 20), Rush::default(), unique());
    let (buyers, total) = guests_wanting(1, 3, &lamp);
    let answers = at_once(50, |_| rush.place(&buyers[0], &total, &key));
    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
        assert_eq!(answer.header("location"), answers[0].header("location"));
    }
    let first = answers.iter().filter(|answer| answer.header("idempotent-replayed").is_none()).count();
    assert!(first <= 1, "{first} say that they are the first");
    assert_eq!(bins(&lamp), [20, 17, 3, 0]);
}

#[test]
fn one_cart_from_twenty_places_is_one_order_and_nineteen_are_told_which() {
    let _settings = settings::unchanged();
    let (lamp, rush) = (goods(1999, 20), Rush::default());
    let (buyers, total) = guests_wanting(1, 2, &lamp);
    let answers = at_once(20, |_| rush.place(&buyers[0], &total, &unique()));
    let (placed, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((placed.len(), refused.len()), (1, 19), "{:?}", tally(&answers));
    for answer in refused {
        assert_eq!(answer.refused(Code::CartAlreadyOrdered)["order_id"], placed[0].json()["id"]);
    }
    assert_eq!(bins(&lamp), [20, 18, 2, 0]);
}

#[test]
fn two_carts_of_one_shopper_share_one_stock() {
    let _settings = settings::unchanged();
    let (lamp, person) = (goods(1999, 3), e2e::people::shopper());
    let carts = [0, 1].map(|_| {
        let buyer = Buyer::signed_in(person.clone());
        buyer.add(&lamp.sku, 2).expect(200);
        buyer
    });
    let total = carts[0].quote().expect(200)["total"].clone();
    let rush = Rush::default();
    let answers = at_once(2, |number| rush.place(&carts[number], &total, &unique()));
    assert_eq!(tally(&answers), [("201".to_owned(), 1), ("409 out_of_stock".to_owned(), 1)].into());
    assert_eq!(bins(&lamp), [3, 1, 2, 0]);
}

/// Closes an order that holds the last unit, in one of the ways there are.
type GiveBack = fn(&Rush, &Buyer, &str);

fn cancel(rush: &Rush, buyer: &Buyer, order: &str) {
    let call = buyer.show(post(&format!("/orders/{order}/cancellations"))).key(&unique()).json(&json!({}));
    let answer = rush.send(&call);
    assert!([200, 409].contains(&answer.status), "{}", answer.text);
}

fn expire(_: &Rush, _: &Buyer, order: &str) {
    assert_eq!(invoke("orders-expire-orders", &json!({})).error, None, "expiring {order}");
}

/// Nine want the last unit at the moment in which the order that holds it is closed in each of these ways.
fn last_unit_wanted_while_given_back(ways: &[GiveBack]) {
    let lamp = goods(1999, 1);
    let (mut buyers, total) = guests_wanting(10, 1, &lamp);
    let (rush, mut holder) = (Rush::default(), buyers.pop().unwrap());
    let order = holder.order();
    let order = order["id"].as_str().unwrap();
    fall_due(order);
    let sold = AtomicBool::new(false);
    let answers = at_once(buyers.len() + ways.len(), |number| {
        let Some(buyer) = buyers.get(number) else {
            ways[number - buyers.len()](&rush, &holder, order);
            return None;
        };
        let key = unique();
        Some(eventually("the unit to be sold again", || {
            let was_sold = sold.load(Ordering::SeqCst);
            let answer = rush.place(buyer, &total, &key);
            sold.fetch_or(answer.status == 201, Ordering::SeqCst);
            (answer.status != 409 || was_sold).then_some(answer)
        }))
    });
    let answers: Vec<Answer> = answers.into_iter().flatten().collect();
    assert_eq!(tally(&answers), [("201".to_owned(), 1), ("409 out_of_stock".to_owned(), 8)].into());
    assert_eq!(bins(&lamp), [1, 0, 1, 0]);

    let winner = answers.iter().position(|answer| answer.status == 201).unwrap();
    let order = answers[winner].json();
    buyers[winner].order_token = order["token"].as_str().map(str::to_owned);
    cancel(&rush, &buyers[winner], order["id"].as_str().unwrap());
    eventually("the unit to be free", || (bins(&lamp) == [1, 1, 0, 0]).then_some(()));
}

#[test]
fn the_last_unit_wanted_while_it_is_cancelled_goes_to_one_and_is_never_lost() {
    let _settings = settings::unchanged();
    last_unit_wanted_while_given_back(&[cancel]);
}

#[test]
fn the_last_unit_of_an_order_cancelled_and_expired_at_once_comes_back_once() {
    let _settings = settings::unchanged();
    last_unit_wanted_while_given_back(&[cancel, expire, expire]);
}
