//! Two hundred shoppers who do whatever comes to their minds, four at a time, held to a short model.
//!
//! The same shoppers do the same again with `SOUK_HISTORIES_SEED`; `SOUK_HISTORIES` is how many there are.

mod books;
mod shelf;
mod story;

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use e2e::chance::Chance;
use e2e::mailbox::all_mails;
use e2e::operator::{Queue, Table};
use e2e::settings;
use e2e::shop::{eventually_within, number_setting};

use shelf::Shelf;
use story::{Ending, Story};

const HISTORIES: u64 = 200;
const AT_ONCE: usize = 4;
/// A message whose handling failed comes again after three minutes.
const PATIENCE: u64 = 240;

/// What happened in one history, for people to read when it went wrong.
#[derive(Default)]
struct Diary(Mutex<Vec<String>>);

impl Diary {
    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn told(&self) -> String {
        self.0.lock().unwrap().iter().map(|line| format!("\n    {line}")).collect()
    }
}

#[test]
fn whatever_shoppers_do_no_order_unit_or_cent_is_lost_doubled_or_invented() {
    let _settings = settings::unchanged();
    let seed = number_setting("SOUK_HISTORIES_SEED").unwrap_or_else(Chance::fresh_seed);
    let count = number_setting("SOUK_HISTORIES").unwrap_or(HISTORIES);
    println!("SOUK_HISTORIES_SEED={seed} lives these {count} histories again");
    let shelf = Shelf::filled();
    let (endings, wrong) = live(seed, count, &shelf);
    assert!(wrong.is_empty(), "SOUK_HISTORIES_SEED={seed}, {} of {count} went wrong{}", wrong.len(), wrong.concat());

    let mut sold = BTreeMap::new();
    for (place, units) in endings.iter().filter(|ending| ending.confirmed).flat_map(|ending| &ending.units) {
        *sold.entry(*place).or_insert(0) += units;
    }
    eventually_within(PATIENCE, "every unit to be where it belongs", || shelf.check(&sold).ok());
    eventually_within(PATIENCE, "a mail for every end", || check_mails(&endings).ok());
    nothing_more_comes(&endings);
    shelf.check(&sold).unwrap();
    check_mails(&endings).unwrap();
    for ending in &endings {
        books::settled(ending).unwrap();
    }
    let confirmed = endings.iter().filter(|ending| ending.confirmed).count();
    println!("{} orders: {confirmed} confirmed, {} cancelled; sold {sold:?}", endings.len(), endings.len() - confirmed);
}

/// Lives all histories; gives how they ended, and the diaries of those that went wrong.
fn live(seed: u64, count: u64, shelf: &Shelf) -> (Vec<Ending>, Vec<String>) {
    let (next, endings, wrong) = (AtomicU64::new(0), Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    let diary = Diary::default();
                    match catch_unwind(AssertUnwindSafe(|| one(Chance::part(seed, number), shelf, &diary))) {
                        Ok(ending) => endings.lock().unwrap().extend(ending),
                        Err(panic) => {
                            let text = format!("\n  history {number}:{}\n    {}", diary.told(), words(&*panic));
                            wrong.lock().unwrap().push(text);
                        }
                    }
                }
            });
        }
    });
    (endings.into_inner().unwrap(), wrong.into_inner().unwrap())
}

fn one(mut chance: Chance, shelf: &Shelf, diary: &Diary) -> Option<Ending> {
    let steps = 4 + chance.below(6);
    let mut story = Story::begin(chance, shelf, diary)?;
    for _ in 0..steps {
        story.step();
    }
    Some(story.end())
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

/// Exactly one mail for each order: that it is confirmed, or that it is cancelled.
fn check_mails(endings: &[Ending]) -> Result<(), String> {
    let mut mails: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mail in all_mails() {
        mails.entry(mail.to).or_default().push(mail.subject);
    }
    for ending in endings {
        let end = if ending.confirmed { "confirmed" } else { "cancelled" };
        let subjects = mails.get(&ending.email).map_or(&[][..], Vec::as_slice);
        let [subject] = subjects else {
            return Err(format!("{} is {end} and has the mails {subjects:?}", ending.order_id));
        };
        if !(subject.contains(&ending.number) && subject.contains(end)) {
            return Err(format!("{} is {end}, but the mail says {subject}", ending.order_id));
        }
    }
    Ok(())
}

/// Waits until nothing about these orders is under way any more: no event of theirs waits to be sent, and then each consumer has been
/// seen with nothing left to do. What is true after that stays true.
fn nothing_more_comes(endings: &[Ending]) {
    let ours: BTreeSet<&str> = endings.iter().map(|ending| ending.order_id.as_str()).collect();
    // In the order in which one leads to another.
    let queues = ["payments-process-webhook", "payments-on-order-cancelled", "orders-on-payment-captured"];
    let later = ["catalog-on-order-confirmed", "catalog-on-order-cancelled", "notifications-send-email"];
    for consumers in [&queues[..], &later[..]] {
        for service in ["payments", "orders"] {
            eventually_within(PATIENCE, &format!("{service} to have told all"), || {
                let waiting = Table::of(service).scan("OUTBOX#");
                let about_us = |text: &str| ours.iter().any(|id| text.contains(id));
                (!waiting.iter().any(|row| about_us(row["detail"].as_str().unwrap_or_default()))).then_some(())
            });
        }
        for name in consumers {
            let queue = Queue::of(name);
            eventually_within(PATIENCE, &format!("{name} to have nothing to do"), || {
                let depth = queue.depth();
                (depth.visible + depth.in_flight == 0).then_some(())
            });
        }
    }
}
