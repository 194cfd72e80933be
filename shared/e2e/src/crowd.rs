//! Many shoppers at one moment: how they are let go together, what became of them, and whether the shop really served them side by side.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;

use kernel::Timestamp;
use serde_json::Value;

use crate::buyer::Buyer;
use crate::goods::Goods;
use crate::shop::{Answer, Call, eventually, eventually_within, post};
use crate::{logs, unique};

/// How many prepare something side by side.
const PREPARING: usize = 8;
/// How many of those who were told to try again do so side by side.
const TRYING_AGAIN: usize = 16;
/// What a gateway or a function answers that could not get to it; the same request may be sent again.
const BUSY: [u16; 4] = [429, 502, 503, 504];

/// Runs `work` so many times at once, all let go at the same moment, and gives what each came to, in order.
pub fn at_once<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(count);
    thread::scope(|scope| {
        let run = |number| {
            start.wait();
            work(number)
        };
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || run(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// So many guests who each have `quantity` of `goods` in a cart of their own, and the total that all of them were quoted.
#[must_use]
pub fn guests_wanting(count: usize, quantity: u32, goods: &Goods) -> (Vec<Buyer>, Value) {
    // A cart that nobody knows the contents of, because the machine was too slow to say, is left behind.
    let guest = || {
        eventually("a cart with the goods", || {
            let buyer = Buyer::guest();
            let answer = buyer.add(&goods.sku, quantity);
            (answer.status < 500).then(|| answer.expect(200)).map(|_| buyer)
        })
    };
    let shares = at_once(PREPARING, |worker| {
        let share = count / PREPARING + usize::from(worker < count % PREPARING);
        (0..share).map(|_| guest()).collect::<Vec<_>>()
    });
    let buyers: Vec<Buyer> = shares.into_iter().flatten().collect();
    let total = buyers[0].quote().expect(200)["total"].clone();
    (buyers, total)
}

/// One rush on the shop. Its requests are told apart in the log by what their correlation ids begin with.
#[derive(Debug)]
pub struct Rush {
    correlation: String,
    busy: AtomicUsize,
    /// Whoever was told to try again does so in one of these queues: if all came back at once, nobody would ever be served.
    queues: [Mutex<()>; TRYING_AGAIN],
}

impl Default for Rush {
    fn default() -> Self {
        let queues = [const { Mutex::new(()) }; TRYING_AGAIN];
        Self { correlation: format!("rush-{}", unique()), busy: AtomicUsize::new(0), queues }
    }
}

impl Rush {
    /// Places the order of `buyer` under `key`, again as long as the shop is too busy to say.
    #[track_caller]
    pub fn place(&self, buyer: &Buyer, total: &Value, key: &str) -> Answer {
        self.send(&buyer.show(post("/orders")).key(key).json(&buyer.order_body(total)))
    }

    /// Sends `call` until the shop answers it.
    #[track_caller]
    pub fn send(&self, call: &Call) -> Answer {
        let answered = || {
            let answer = call.clone().header("X-Correlation-Id", format!("{}-{}", self.correlation, unique())).send();
            if BUSY.contains(&answer.status) { Err(self.busy.fetch_add(1, Ordering::Relaxed)) } else { Ok(answer) }
        };
        answered().unwrap_or_else(|told_before| {
            let queue = &self.queues[told_before % TRYING_AGAIN];
            let _turn = queue.lock().unwrap_or_else(PoisonError::into_inner);
            eventually_within(120, "an answer other than 'try again'", || answered().ok())
        })
    }

    /// How many answers were 'try again'.
    #[must_use]
    pub fn busy(&self) -> usize {
        self.busy.load(Ordering::Relaxed)
    }

    /// The most invocations of `function` that were under way at one moment of this rush, which had `answers` answers, by their own log.
    #[must_use]
    pub fn overlap(&self, function: &str, answers: usize) -> usize {
        let invocations = eventually_within(60, "the log lines of the rush", || {
            let lines = logs::of(&self.correlation);
            let spans: Vec<_> = lines.iter().filter(|line| answered_by(line, function)).map(span).collect();
            // The emulator loses a line now and then, which can only make it look like fewer.
            (spans.len() * 10 >= answers * 9).then_some(spans)
        });
        most_at_once(&invocations)
    }
}

/// Whether this is the line of an answer, be it a refusal.
fn answered_by(line: &Value, function: &str) -> bool {
    line["status"].is_u64() && line["span"]["function"].as_str().is_some_and(|name| name.ends_with(function))
}

/// When an invocation began and ended, in milliseconds.
fn span(line: &Value) -> (i64, i64) {
    let end = Timestamp::parse(line["timestamp"].as_str().unwrap()).unwrap().epoch_millis();
    (end - line["duration_ms"].as_i64().unwrap(), end)
}

/// Spans that only touch do not overlap.
fn most_at_once(spans: &[(i64, i64)]) -> usize {
    let mut changes: BTreeMap<i64, (isize, isize)> = BTreeMap::new();
    for (begin, end) in spans.iter().filter(|(begin, end)| begin < end) {
        changes.entry(*begin).or_default().0 += 1;
        changes.entry(*end).or_default().1 += 1;
    }
    let (mut now, mut most) = (0, 0);
    for (begun, ended) in changes.values() {
        now += begun - ended;
        most = most.max(now);
    }
    most.unsigned_abs()
}

/// How many answers had each status and, where they were refusals, code.
#[must_use]
pub fn tally(answers: &[Answer]) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for answer in answers {
        let code = answer.json()["code"].as_str().map(|code| format!(" {code}")).unwrap_or_default();
        *tally.entry(format!("{}{code}", answer.status)).or_default() += 1;
    }
    tally
}
