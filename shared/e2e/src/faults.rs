//! Faults on the way to DynamoDB, as the proxy of a shop under test injects them (`testkit::dynamodb_proxy`).
//!
//! A test names a text that only its own calls carry (a SKU, a cart's id): others run beside it.

use serde_json::{Value, json};

use crate::shop::{agent, read, setting};
use crate::unique;

/// Which calls are to meet a fault.
#[derive(Debug, Clone)]
#[must_use = "nothing happens before the fault itself is named"]
pub struct Fault {
    rule: Value,
}

impl Fault {
    /// Calls of `operation`, such as `TransactWriteItems`.
    pub fn on(operation: &str) -> Self {
        Self { rule: json!({ "operation": operation }) }
    }

    /// Calls of any operation.
    pub fn anywhere() -> Self {
        Self { rule: json!({}) }
    }

    /// Only calls with `text` in their body.
    pub fn containing(mut self, text: &str) -> Self {
        self.rule["containing"] = text.into();
        self
    }

    /// Only the first `times` that the fault strikes.
    pub fn times(mut self, times: u32) -> Self {
        self.rule["times"] = times.into();
        self
    }

    /// Each call waits for `milliseconds` before its fault, or before it passes.
    pub fn after(mut self, milliseconds: u32) -> Self {
        self.rule["delay_ms"] = milliseconds.into();
        self
    }

    /// `percent` of the writes are told that another transaction was at their items.
    pub fn conflict(self, percent: u32) -> Injecting {
        self.inject("conflict", percent)
    }

    /// `percent` of the calls are refused as too many.
    pub fn throttle(self, percent: u32) -> Injecting {
        self.inject("throttle", percent)
    }

    /// All calls wait for `milliseconds`, so that they overlap.
    pub fn delay(self, milliseconds: u32) -> Injecting {
        self.after(milliseconds).inject("delay", 100)
    }

    /// `percent` of the calls are carried out without the caller hearing of it.
    pub fn lost_answer(self, percent: u32) -> Injecting {
        self.inject("lost_answer", percent)
    }

    /// Calls only are counted.
    pub fn none(self) -> Injecting {
        self.inject("none", 100)
    }

    fn inject(mut self, fault: &str, percent: u32) -> Injecting {
        self.rule["fault"] = fault.into();
        self.rule["percent"] = percent.into();
        let injecting = Injecting { url: format!("{}/_faults/{}", setting("SOUK_DYNAMODB_PROXY_URL"), unique()) };
        let answer = read(agent().put(&injecting.url).send(self.rule.to_string()).unwrap());
        assert_eq!(answer.status, 200, "{}", answer.text);
        injecting
    }
}

/// A fault at work, until it is dropped.
#[derive(Debug)]
#[must_use = "the fault ends when this is dropped"]
pub struct Injecting {
    url: String,
}

impl Injecting {
    /// Calls that were caught, whatever became of them.
    #[must_use]
    pub fn matched(&self) -> u64 {
        self.tally("matched")
    }

    /// Calls that met the fault.
    #[must_use]
    pub fn injected(&self) -> u64 {
        self.tally("injected")
    }

    /// How many of the caught calls were under way at once at most.
    #[must_use]
    pub fn max_in_flight(&self) -> u64 {
        self.tally("max_in_flight")
    }

    fn tally(&self, name: &str) -> u64 {
        read(agent().get(&self.url).call().unwrap()).expect(200)[name].as_u64().unwrap()
    }
}

impl Drop for Injecting {
    fn drop(&mut self) {
        let removed = agent().delete(&self.url).call();
        assert!(removed.is_ok() || std::thread::panicking(), "the proxy does not answer");
    }
}
