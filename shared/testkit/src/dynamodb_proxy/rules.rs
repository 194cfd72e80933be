use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// What happens to a call instead of its plain answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Another transaction was at one of the items. Reads are not told so.
    Conflict,
    Throttle,
    Delay,
    /// Done, but the caller never hears of it.
    LostAnswer,
    /// Calls are only counted.
    None,
}

/// Which calls meet which fault, and how often.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Such as `TransactWriteItems`; any when left out.
    operation: Option<String>,
    /// A text in the call's body, such as a SKU, so that tests run side by side.
    containing: Option<String>,
    fault: Fault,
    #[serde(default = "always")]
    percent: u64,
    /// The call waits for so long before anything else happens to it.
    #[serde(default)]
    delay_ms: u64,
    /// After so many faults, calls pass.
    times: Option<u64>,
}

fn always() -> u64 {
    100
}

impl Rule {
    fn catches(&self, operation: &str, body: &[u8]) -> bool {
        self.operation.as_deref().is_none_or(|wanted| wanted == operation)
            && self.containing.as_deref().is_none_or(|wanted| contains(body, wanted.as_bytes()))
    }

    fn applies_to(&self, operation: &str) -> bool {
        match self.fault {
            Fault::None => false,
            Fault::Conflict => {
                matches!(operation, "TransactWriteItems" | "TransactGetItems" | "PutItem" | "UpdateItem" | "DeleteItem")
            }
            Fault::Throttle | Fault::Delay | Fault::LostAnswer => true,
        }
    }
}

fn contains(body: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || body.windows(wanted.len()).any(|window| window == wanted)
}

/// What a rule has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Calls that the rule caught, whatever became of them.
    pub matched: u64,
    /// Those of them that met the fault.
    pub injected: u64,
    /// How many of them were under way at once at most.
    pub max_in_flight: u64,
}

#[derive(Debug)]
struct Standing {
    rule: Rule,
    tally: Tally,
    in_flight: u64,
}

/// The rules of all tests, by name.
#[derive(Debug, Default)]
pub(super) struct Rules {
    standing: Mutex<BTreeMap<String, Standing>>,
    dice: Mutex<u64>,
}

/// One call on its way: what is to happen to it, until it is dropped.
#[derive(Debug)]
pub(super) struct Passage<'a> {
    rules: &'a Rules,
    caught_by: Vec<String>,
    pub(super) fault: Fault,
    pub(super) delay_ms: u64,
}

impl Rules {
    pub(super) fn set(&self, name: &str, rule: Rule) {
        self.standing().insert(name.to_owned(), Standing { rule, tally: Tally::default(), in_flight: 0 });
    }

    pub(super) fn tally(&self, name: &str) -> Option<Tally> {
        self.standing().get(name).map(|standing| standing.tally)
    }

    pub(super) fn remove(&self, name: &str) -> Option<Tally> {
        self.standing().remove(name).map(|standing| standing.tally)
    }

    /// Decides what happens to a call. The first rule that strikes decides on the fault; delays add up.
    pub(super) fn meet(&self, operation: &str, body: &[u8]) -> Passage<'_> {
        let mut passage = Passage { rules: self, caught_by: Vec::new(), fault: Fault::None, delay_ms: 0 };
        for (name, standing) in &mut *self.standing() {
            if !standing.rule.catches(operation, body) {
                continue;
            }
            passage.caught_by.push(name.clone());
            standing.tally.matched += 1;
            standing.in_flight += 1;
            standing.tally.max_in_flight = standing.tally.max_in_flight.max(standing.in_flight);
            let decided = !matches!(passage.fault, Fault::None | Fault::Delay) && standing.rule.fault != Fault::Delay;
            let spent = standing.rule.times.is_some_and(|times| standing.tally.injected >= times);
            if decided || spent || !standing.rule.applies_to(operation) || self.roll() >= standing.rule.percent {
                continue;
            }
            standing.tally.injected += 1;
            passage.delay_ms += standing.rule.delay_ms;
            if standing.rule.fault != Fault::Delay {
                passage.fault = standing.rule.fault;
            }
        }
        passage
    }

    /// 0 to 99.
    fn roll(&self) -> u64 {
        let mut throws = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        *throws += 1;
        RandomState::new().hash_one(*throws) % 100
    }

    fn standing(&self) -> MutexGuard<'_, BTreeMap<String, Standing>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        let mut standing = self.rules.standing();
        for name in &self.caught_by {
            // It may have been removed, or even set anew, meanwhile.
            if let Some(standing) = standing.get_mut(name) {
                standing.in_flight = standing.in_flight.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rules(rules: &[Value]) -> Rules {
        let all = Rules::default();
        for (index, rule) in rules.iter().enumerate() {
            all.set(&format!("rule-{index}"), serde_json::from_value(rule.clone()).unwrap());
        }
        all
    }

    fn fault(rules: &Rules, operation: &str, body: &str) -> Fault {
        rules.meet(operation, body.as_bytes()).fault
    }

    #[test]
    fn a_rule_catches_its_operation_with_its_text_and_nothing_else() {
        let rules =
            rules(&[json!({ "operation": "TransactWriteItems", "containing": "LAMP-1", "fault": "lost_answer" })]);
        assert_eq!(fault(&rules, "TransactWriteItems", "…LAMP-1…"), Fault::LostAnswer);
        assert_eq!(fault(&rules, "TransactWriteItems", "…LAMP-2…"), Fault::None);
        assert_eq!(fault(&rules, "BatchGetItem", "…LAMP-1…"), Fault::None);
        assert_eq!(rules.tally("rule-0"), Some(Tally { matched: 1, injected: 1, max_in_flight: 1 }));
    }

    #[test]
    fn a_rule_of_so_many_times_lets_the_rest_pass() {
        let rules = rules(&[json!({ "fault": "throttle", "times": 2 })]);
        let met: Vec<_> = (0..4).map(|_| fault(&rules, "GetItem", "")).collect();
        assert_eq!(met, [Fault::Throttle, Fault::Throttle, Fault::None, Fault::None]);
        assert_eq!(rules.tally("rule-0"), Some(Tally { matched: 4, injected: 2, max_in_flight: 1 }));
    }

    #[test]
    fn three_in_ten_are_about_three_in_ten() {
        let rules = rules(&[json!({ "fault": "conflict", "percent": 30 })]);
        for _ in 0..2000 {
            rules.meet("UpdateItem", b"");
        }
        let injected = rules.tally("rule-0").unwrap().injected;
        assert!((480..720).contains(&injected), "{injected} of 2000");
    }

    #[test]
    fn a_read_never_conflicts() {
        let rules = rules(&[json!({ "fault": "conflict" })]);
        assert_eq!(fault(&rules, "BatchGetItem", ""), Fault::None);
        assert_eq!(rules.tally("rule-0"), Some(Tally { matched: 1, injected: 0, max_in_flight: 1 }));
    }

    #[test]
    fn delays_add_up_and_leave_the_fault_to_the_first_that_strikes() {
        let rules = rules(&[
            json!({ "fault": "delay", "delay_ms": 20 }),
            json!({ "fault": "throttle", "delay_ms": 5 }),
            json!({ "fault": "lost_answer" }),
            json!({ "fault": "delay", "delay_ms": 100 }),
        ]);
        let passage = rules.meet("PutItem", b"");
        assert_eq!((passage.fault, passage.delay_ms), (Fault::Throttle, 125));
        drop(passage);
        assert_eq!(rules.remove("rule-2"), Some(Tally { matched: 1, injected: 0, max_in_flight: 1 }));
        assert_eq!(rules.tally("rule-2"), None);
    }

    #[test]
    fn calls_under_way_at_once_are_counted() {
        let rules = rules(&[json!({ "fault": "none" })]);
        let under_way = [(); 3].map(|()| rules.meet("GetItem", b""));
        drop(under_way);
        rules.meet("GetItem", b"");
        assert_eq!(rules.tally("rule-0"), Some(Tally { matched: 4, injected: 0, max_in_flight: 3 }));
    }
}
