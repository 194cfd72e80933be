//! Races while the tables are busy, refuse too many calls, or answer nobody: the same orders come of them, and nobody is refused falsely.

use api::Code;
use e2e::crowd::{Rush, at_once, guests_wanting, tally};
use e2e::faults::Fault;
use e2e::goods::{Goods, bins, goods};
use e2e::{settings, unique};

use crate::races::{it_was_a_rush, only_so_many_bought, rush_on_twenty};

const COMMIT: &str = "TransactWriteItems";

/// A rush in which 30 % of the commits meet a conflict, and all are slow enough to meet each other.
#[expect(clippy::print_stdout, reason = "figures for whoever runs the tests")]
fn rush_into_conflicts(quantity: u32, orders: usize) {
    let (lamp, rush) = (goods(1999, 20), Rush::default());
    let slow = Fault::on(COMMIT).containing(&lamp.sku).delay(500);
    let conflicts = Fault::on(COMMIT).containing(&lamp.sku).conflict(30);
    let answers = rush_on_twenty(&lamp, quantity, &rush);
    only_so_many_bought(orders, quantity, &lamp, &answers);
    it_was_a_rush(&rush, &answers);
    let (met, commits) = (conflicts.injected(), slow.matched());
    assert!(met > 0);
    println!("{met} of {commits} commits met a conflict, {} commits at once", slow.max_in_flight());
}

#[test]
fn with_thirty_percent_conflicts_two_hundred_buy_the_twenty_that_are_there() {
    let _settings = settings::unchanged();
    rush_into_conflicts(1, 20);
}

#[test]
fn with_thirty_percent_conflicts_six_buy_three_of_twenty_and_two_are_left() {
    let _settings = settings::unchanged();
    rush_into_conflicts(3, 6);
}

/// Thirty shoppers want thirty units while something goes wrong; all of them get one.
#[expect(clippy::print_stdout, reason = "figures for whoever runs the tests")]
fn all_thirty_buy(lamp: &Goods) {
    let rush = Rush::default();
    let (buyers, total) = guests_wanting(30, 1, lamp);
    let answers = at_once(30, |number| rush.place(&buyers[number], &total, &unique()));
    assert_eq!(tally(&answers), [("201".to_owned(), 30)].into());
    assert_eq!(bins(lamp), [30, 0, 30, 0]);
    println!("{} told to try again", rush.busy());
}

#[test]
fn whoever_is_throttled_gets_the_order_all_the_same() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 30);
    let throttled = Fault::anywhere().containing(&lamp.sku).throttle(30);
    all_thirty_buy(&lamp);
    assert!(throttled.injected() > 0);
    println!("{} of {} calls throttled", throttled.injected(), throttled.matched());
}

#[test]
fn a_commit_whose_answer_is_lost_is_one_order() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 30);
    let lost = Fault::on(COMMIT).containing(&format!("STOCK#{}", lamp.sku)).lost_answer(50);
    all_thirty_buy(&lamp);
    assert!(lost.injected() > 0);
    println!("{} of {} answers lost", lost.injected(), lost.matched());
}

#[test]
fn who_never_hears_of_the_order_is_told_to_ask_again_and_then_hears_of_it() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let (buyers, total) = guests_wanting(1, 2, &lamp);
    let key = unique();
    let lost = Fault::on(COMMIT).containing(&buyers[0].cart_id).lost_answer(100);
    let unheard = buyers[0].place(&total, &key);
    unheard.refused(Code::TryAgain);
    assert!(unheard.header("retry-after").is_some());
    assert_eq!(lost.injected(), 5, "tries of one commit");
    drop(lost);
    let heard = buyers[0].place(&total, &key);
    heard.expect(201);
    assert_eq!(heard.header("idempotent-replayed"), Some("true"));
    assert_eq!(bins(&lamp), [5, 3, 2, 0]);
}
