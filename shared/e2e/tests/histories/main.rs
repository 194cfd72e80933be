//! Ten thousand random histories of the shop, held to a short model.
//!
//! Every history has its own little world: the tables of orders, catalog and payments, the queues between them, and Stripe. The work
//! in it is done by the shop's own handlers, and so by its own state machines; only tables, queues and Stripe are made for the test. A
//! function may stop at any call while others work, die there, or meet a Stripe that fails, is slow, or loses its answer; messages come
//! late, twice, in any order, or not for a while. When nothing is under way any more, each order has ended once, and exactly its money
//! and its units are where they belong.
//!
//! The test counts every transition that the state machines allow, and wants each of them a hundred times.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod bag;
mod clock;
mod command;
mod coverage;
mod desk;
mod goods;
mod history;
mod model;
mod requests;
mod rows;
mod scene;
mod shop_orders;
mod shop_paying;
mod shop_payments;
mod stripe;
mod stripe_calls;
mod work;
mod world;

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use command::Command;
use coverage::Coverage;

/// What the shop's intents carry in their metadata.
pub(crate) const ENVIRONMENT: &str = "histories";

/// `SOUK_HISTORIES` sets another number; fewer are too few for the coverage.
const HISTORIES: u64 = 10_000;
/// The same histories every time, so that they fail only when the code does; `SOUK_SEED` sets others.
const SEED: u64 = 20;
/// Lived side by side.
const PARTS: u64 = 4;

#[test]
fn in_every_history_orders_end_once_and_money_and_stock_are_where_they_belong() {
    let histories = e2e::shop::number_setting("SOUK_HISTORIES").unwrap_or(HISTORIES);
    let seed = e2e::shop::number_setting("SOUK_SEED").unwrap_or(SEED);
    let mut coverage = Coverage::default();
    std::thread::scope(|scope| {
        let running: Vec<_> =
            (0..PARTS).map(|part| scope.spawn(move || live_through(histories.div_ceil(PARTS), seed, part))).collect();
        for thread in running {
            coverage.add(&thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
    });
    let (table, wrong) = coverage.table();
    println!("{histories} histories took\n{table}");
    assert!(wrong.is_empty(), "{wrong:#?}\n{table}");
}

/// So many histories, made from `seed` and the number of the part; what they covered.
fn live_through(histories: u64, seed: u64, part: u64) -> Coverage {
    let coverage = RefCell::new(Coverage::default());
    let cases = u32::try_from(histories).unwrap();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::XorShift, &[seed.to_be_bytes(), part.to_be_bytes()].concat());
    let outcome = TestRunner::new_with_rng(config, rng).run(&prop::collection::vec(any::<u64>(), 20..40), |seeds| {
        let commands: Vec<Command> = seeds.into_iter().flat_map(scene::of).collect();
        let lived = history::live(&commands).map_err(TestCaseError::fail)?;
        coverage.borrow_mut().add(&lived);
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(_, seeds)) => {
            panic!("{}", history::shortest(seeds.into_iter().flat_map(scene::of).collect()))
        }
        Err(abort) => panic!("{abort}"),
    }
    coverage.into_inner()
}
