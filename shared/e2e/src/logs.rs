//! The shop's log group, as an operator reads it.

use kernel::Timestamp;
use serde_json::{Value, json};

use crate::shop::{agent, read, setting};

/// Further back than any test looks. The emulator reads line by line, and does nothing else meanwhile.
const LOOK_BACK_SECONDS: i64 = 900;

/// All recent log lines with this correlation id, oldest first.
#[must_use]
pub fn of(correlation_id: &str) -> Vec<Value> {
    since(kernel::fresh::now().plus_seconds(-LOOK_BACK_SECONDS), correlation_id)
}

/// [`of`], from `start` on: whoever looks again and again should look at little.
#[must_use]
pub fn since(start: Timestamp, correlation_id: &str) -> Vec<Value> {
    let body = json!({
        "startTime": start.epoch_millis(),
        "logGroupName": format!("/souk/{}", setting("SOUK_ENVIRONMENT")),
        "filterPattern": format!("\"{correlation_id}\""),
    });
    let answer = agent()
        .post(setting("SOUK_EMULATOR_URL"))
        .header("Content-Type", "application/x-amz-json-1.1")
        .header("X-Amz-Target", "Logs_20140328.FilterLogEvents")
        .header(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=0",
        )
        .send(body.to_string());
    let events = read(answer.unwrap()).json();
    events["events"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|event| serde_json::from_str(event["message"].as_str()?).ok())
        .collect()
}
