//! All functions that are at work, and the messages that bring them there.

use std::collections::BTreeMap;
use std::task::Poll;

use kernel::OrderId;
use orders::domain::OrderStatus;

use crate::bag::Message;
use crate::command::{NEWEST, Run};
use crate::model;
use crate::work::Work;
use crate::world::World;

/// How often everything that is under way is delivered before what is left counts as failing for good.
const ROUNDS: usize = 12;

pub(crate) struct Desk {
    pub(crate) world: World,
    /// Work that waits for its turn.
    paused: Vec<Work>,
    /// What deliveries failed of.
    failures: Vec<String>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { world: World::new(), paused: Vec::new(), failures: Vec::new() }
    }

    /// Lets `work` go on as far as `run` says.
    pub(crate) fn run(&mut self, mut work: Work, run: Run) {
        self.world.state().note(format_args!("  {} {run:?}", work.name()));
        let calls = match run {
            Run::ToTheEnd => u32::MAX,
            Run::Pauses { after } | Run::Dies { after } => after.into(),
        };
        for _ in 0..=calls {
            if let Poll::Ready(result) = work.step() {
                return self.end(work, result);
            }
        }
        match run {
            Run::Dies { .. } => self.world.state().bag.extend(work.into_message()),
            Run::Pauses { .. } | Run::ToTheEnd => self.paused.push(work),
        }
    }

    fn end(&mut self, work: Work, result: Result<(), String>) {
        let Err(cause) = result else { return };
        let mut state = self.world.state();
        state.note(format_args!("    failed: {cause}"));
        self.failures.push(format!("{}: {cause}", work.name()));
        state.bag.extend(work.into_message());
    }

    /// Delivers the message number `which`, counted round.
    pub(crate) fn deliver(&mut self, which: usize, again: bool, run: Run) {
        let Some(message) = self.world.state().take(which) else { return };
        if again {
            self.world.state().bag.push(message.clone());
        }
        let work = Work::of(&self.world, message);
        self.run(work, run);
    }

    /// Lets interrupted work go on.
    pub(crate) fn go_on(&mut self, which: usize, run: Run) {
        if !self.paused.is_empty() {
            let newest = self.paused.len() - 1;
            let which = if which == usize::from(NEWEST) { newest } else { which % (newest + 1) };
            let work = self.paused.remove(which);
            self.run(work, run);
        }
    }

    /// Ends all work and delivers everything, until nothing is left but what waits for its time.
    pub(crate) fn settle(&mut self, ended: &mut BTreeMap<OrderId, OrderStatus>) -> Result<(), String> {
        for _ in 0..ROUNDS {
            while !self.paused.is_empty() {
                self.go_on(0, Run::ToTheEnd);
            }
            let left = self.world.state().bag.len();
            if self.world.state().bag.iter().all(|message| matches!(message, Message::Expiry(_))) {
                return Ok(());
            }
            self.failures.clear();
            for _ in 0..left {
                self.deliver(0, false, Run::ToTheEnd);
                model::always(&self.world.state(), ended)?;
            }
        }
        // What only people can do ends among the dead letters, and reconciling tells of it.
        let for_people = |cause: &String| cause.contains("the provider could not refund payment");
        match self.failures.iter().find(|cause| !for_people(cause)) {
            Some(cause) => Err(format!("it fails again and again: {cause}")),
            None => {
                self.world.state().bag.clear();
                Ok(())
            }
        }
    }
}
