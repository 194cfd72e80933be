//! Every call that a function makes on the way from cart to confirmation, on that from a registration to the last trace of whoever left, and
//! while staff change the catalogue, cut off once before it and once after it: the built function aborts there. Callers try again (with the
//! same key, where there is one), queues and streams deliver again, and each order, each account and the catalogue end as if nothing had
//! happened.
//!
//! `shared/e2e/crash-table.txt` has the calls, each with the reason why that is so. Functions of a shop under test write down what they
//! call; a call without a row fails this test, and so does a row whose call nobody makes.

mod accounts;
mod catalogue;
mod ends;
mod files;
mod flows;
mod haste;
mod leaving;
mod passwords;
mod people;
mod points;
mod products;
mod shelves;
mod stock;
mod tables;

use std::time::Instant;

use e2e::operator::Mapping;
use e2e::settings;

use accounts::Somebody;
use catalogue::Catalogue;
use ends::{End, quiet};
use flows::Goods;
use haste::Hasty;
use points::{Moment, Points};

/// Rounds for points that the first two did not come by: which message meets which crash is not ours to say.
const MORE_ROUNDS: usize = 4;

#[test]
fn a_crash_before_or_after_any_call_loses_nothing_and_doubles_nothing() {
    let _alone = settings::alone();
    let began = Instant::now();
    let mut points = Points::of(tables::read());
    let (goods, catalogue) = (Goods::new(), Catalogue::new());
    let queues = Hasty::all();
    // That lists show the goods is no part of an order's way.
    goods.are_listed();
    quiet(&queues);
    points.begin();

    let round = |points: &Points| {
        // Beside each other: all wait more than they work.
        let (orders, people) = std::thread::scope(|scope| {
            let people = scope.spawn(|| run(&people::people(&goods), points));
            let staff = scope.spawn(|| run(&catalogue.flows(), points));
            let orders = run(&flows::shoppers(&goods), points);
            staff.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (orders, people.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        let unheard = Mapping::of("payments-on-order-cancelled").stop();
        let mended = run(&flows::operators(&goods), points);
        drop(unheard);
        flows::outboxes();
        quiet(&queues);
        let ends: Vec<End> = orders.into_iter().chain(mended).collect();
        ends.iter().for_each(End::holds);
        goods.hold(&ends);
        people.iter().for_each(Somebody::holds);
        catalogue.stock.hold();
    };
    for moment in [Moment::Before, Moment::After] {
        points.arm(moment);
        round(&points);
    }
    for _ in 0..MORE_ROUNDS {
        if !points.armed().is_empty() {
            round(&points);
        }
    }
    println!("{} points, {} crashes, {} s", points.count(), points.fired().len(), began.elapsed().as_secs());
    points.hold();
}

/// Runs all flows side by side; how each order or account must end.
fn run<E: Send + 'static>(flows: &[flows::Flow<'_, E>], points: &Points) -> Vec<E> {
    std::thread::scope(|scope| {
        let running: Vec<_> = flows.iter().map(|flow| (flow.name, scope.spawn(|| (flow.run)()))).collect();
        let ended = running.into_iter().map(|(name, thread)| {
            thread.join().unwrap_or_else(|panic| {
                let text = panic.downcast_ref::<String>().map_or("it panicked", String::as_str);
                panic!("{name}: {text}\ncrashes so far: {:#?}", points.fired())
            })
        });
        ended.collect()
    })
}
