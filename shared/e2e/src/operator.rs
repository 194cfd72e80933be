//! The environment as its operator sees it: tables, functions, stream mappings and queues, over AWS's own API of the emulator.
//!
//! Requests are written by hand: the emulator reads the account of a signature and does not check it, and an SDK would be half the
//! build of these tests.

mod events;
mod items;
mod lambda;
mod objects;
mod queues;
mod tables;

use serde_json::{Value, json};

use crate::shop::{Answer, agent, read, setting};

pub use events::Ear;
pub use items::item;
pub use lambda::{CANARY, Invoked, Mapping, Misled, Stopped, invoke, log_of, with_variable};
pub use objects::{buckets, objects};
pub use queues::{Depth, Message, Queue, queue_names};
pub use tables::Table;

/// What a resource of this environment is called: `souk-<environment>-<name>`.
#[must_use]
pub fn named(name: &str) -> String {
    format!("souk-{}-{name}", setting("SOUK_ENVIRONMENT"))
}

/// Calls `target` (`DynamoDB_20120810.GetItem`) of `service` and gives whatever it answers.
#[must_use]
pub fn try_call(service: &str, target: &str, body: &Value) -> Answer {
    let answer = agent()
        .post(setting("SOUK_EMULATOR_URL"))
        .header("Content-Type", "application/x-amz-json-1.0")
        .header("X-Amz-Target", target)
        .header("Authorization", authorization(service))
        .send(body.to_string());
    read(answer.unwrap_or_else(|error| panic!("{target}: {error}")))
}

/// [`try_call`], for what cannot be refused.
#[track_caller]
pub fn call(service: &str, target: &str, body: &Value) -> Value {
    try_call(service, target, body).expect(200)
}

/// Calls a REST-style API: `rest("lambda", "GET", "/2015-03-31/functions/", None)`.
#[must_use]
pub fn rest(service: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{}{path}", setting("SOUK_EMULATOR_URL")))
        .header("Content-Type", "application/json")
        .header("X-Amz-Log-Type", "Tail")
        .header("Authorization", authorization(service));
    let answer = match body {
        Some(body) => agent().run(request.body(body.to_string()).unwrap()),
        None => agent().run(request.body(()).unwrap()),
    };
    read(answer.unwrap_or_else(|error| panic!("{method} {path}: {error}")))
}

fn authorization(service: &str) -> String {
    let scope = format!("test/20260101/us-east-1/{service}/aws4_request");
    format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0")
}

/// Puts an event on the environment's bus, as its relay would; gives the bus's answer.
#[must_use]
pub fn put_event(source: &str, detail_type: &str, detail: &Value) -> Value {
    let entry = json!({
        "EventBusName": format!("souk-{}", setting("SOUK_ENVIRONMENT")),
        "Source": source, "DetailType": detail_type, "Detail": detail.to_string(),
    });
    call("events", "AWSEvents.PutEvents", &json!({ "Entries": [entry] }))
}
