use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// Counts a business fact (`OrdersPlaced`, `MailsSent`) in CloudWatch's embedded metric format: a log line, no API call.
/// Where nobody has asked for logs, as in a test, nothing is written.
#[expect(clippy::disallowed_methods, reason = "a metric carries the time of its line, which nothing decides on")]
pub fn count(service: &str, name: &str, value: u64) {
    if !tracing::dispatcher::has_been_set() {
        return;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let line = serde_json::json!({
        "_aws": {
            "Timestamp": u64::try_from(now).unwrap_or_default(),
            "CloudWatchMetrics": [{
                "Namespace": "Souk",
                "Dimensions": [["Service"]],
                "Metrics": [{ "Name": name, "Unit": "Count" }],
            }],
        },
        "Service": service,
        name: value,
    });
    // A metric that cannot be written must not fail the request that it counts.
    let _ = writeln!(std::io::stdout(), "{line}");
}
