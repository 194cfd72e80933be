use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{named, rest};

/// What an invocation came to.
#[derive(Debug, Clone)]
pub struct Invoked {
    /// What went wrong in the function; none when it answered.
    pub error: Option<String>,
    pub payload: Value,
}

impl Invoked {
    /// The answer; the test ends when there is none.
    #[track_caller]
    pub fn expect_answer(self) -> Value {
        assert_eq!(self.error, None, "{}", self.payload);
        self.payload
    }
}

/// Invokes a function of the environment, by its name within it (`orders-sweep`), and waits for its answer.
#[must_use]
pub fn invoke(function: &str, event: &Value) -> Invoked {
    let answer = rest("lambda", "POST", &format!("/2015-03-31/functions/{}/invocations", named(function)), Some(event));
    assert_eq!(answer.status, 200, "{function}: {}", answer.text);
    Invoked { error: answer.header("x-amz-function-error").map(str::to_owned), payload: answer.json() }
}

/// The last lines that an invocation of `function` with `event` logs.
#[must_use]
pub fn log_of(function: &str, event: &Value) -> String {
    let answer = rest("lambda", "POST", &format!("/2015-03-31/functions/{}/invocations", named(function)), Some(event));
    let tail = answer.header("x-amz-log-result").unwrap_or_default();
    String::from_utf8_lossy(&STANDARD.decode(tail).unwrap_or_default()).into_owned()
}

/// What feeds a function from a stream or a queue.
#[derive(Debug, Clone)]
pub struct Mapping {
    id: String,
    /// As the emulator describes it: `State`, `FilterCriteria`, `EventSourceArn` …
    pub description: Value,
}

impl Mapping {
    /// The only mapping of `function` (`orders-relay`).
    #[must_use]
    pub fn of(function: &str) -> Self {
        let path = format!("/2015-03-31/event-source-mappings/?FunctionName={}", named(function));
        let answer = rest("lambda", "GET", &path, None).expect(200);
        let description = answer["EventSourceMappings"][0].clone();
        let id = description["UUID"].as_str().unwrap_or_else(|| panic!("nothing feeds {function}")).to_owned();
        Self { id, description }
    }

    /// Changes settings of the mapping: `{"Enabled": false}`.
    pub fn update(&self, settings: &Value) {
        let path = format!("/2015-03-31/event-source-mappings/{}", self.id);
        let answer = rest("lambda", "PUT", &path, Some(settings));
        assert!((200..300).contains(&answer.status), "{}", answer.text);
    }

    /// Stops feeding the function until the guard is dropped.
    #[must_use]
    pub fn stop(self) -> Stopped {
        self.update(&json!({ "Enabled": false }));
        Stopped { mapping: self, restore: json!({ "Enabled": true }) }
    }

    /// Lets all rows but [`CANARY`]s pass by unseen until the guard is dropped, as a stream does that kept them no longer.
    #[must_use]
    pub fn forget(self) -> Stopped {
        let canaries =
            json!({ "eventName": ["INSERT"], "dynamodb": { "Keys": { "pk": { "S": [{ "prefix": CANARY }] } } } });
        let usual = self.description["FilterCriteria"].clone();
        self.update(&json!({ "FilterCriteria": { "Filters": [{ "Pattern": canaries.to_string() }] } }));
        Stopped { mapping: self, restore: json!({ "FilterCriteria": usual }) }
    }
}

/// How the partition begins of a row that a forgetful mapping lets through: once it is seen, all that came before it have passed.
pub const CANARY: &str = "CANARY#";

/// A mapping that is as it was again when this is dropped.
#[derive(Debug)]
pub struct Stopped {
    mapping: Mapping,
    restore: Value,
}

impl Drop for Stopped {
    fn drop(&mut self) {
        self.mapping.update(&self.restore);
    }
}

/// Runs `function` with `value` for its environment variable `name` until the guard is dropped.
#[must_use]
pub fn with_variable(function: &str, name: &str, value: &str) -> Misled {
    let path = format!("/2015-03-31/functions/{}/configuration", named(function));
    let usual = rest("lambda", "GET", &path, None).expect(200)["Environment"].clone();
    let mut other = usual.clone();
    assert!(usual["Variables"].get(name).is_some(), "{function} has no {name}");
    other["Variables"][name] = value.into();
    let misled = Misled { path, usual };
    misled.set(&other);
    misled
}

/// A function whose environment is as it was again when this is dropped.
#[derive(Debug)]
pub struct Misled {
    path: String,
    usual: Value,
}

impl Misled {
    fn set(&self, environment: &Value) {
        rest("lambda", "PUT", &self.path, Some(&json!({ "Environment": environment }))).expect(200);
    }
}

impl Drop for Misled {
    fn drop(&mut self) {
        self.set(&self.usual);
    }
}
