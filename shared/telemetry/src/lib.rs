//! Logs, correlation and metrics, alike in every function.
//!
//! One JSON object a line. Each line of an invocation carries its `correlation_id`, which starts at the gateway and travels in the
//! event envelope to the last mail. The line that ends a piece of work (`answered`, `refused`, `failed`, `handled`, `sent`, `swept`)
//! says what that cost: `dynamodb_calls`, with each try of a write, and `read_capacity` and `write_capacity` in DynamoDB's units. That
//! of a request also names the calls that it made to Cognito, SQS and their like (`aws_calls`).
//! Nothing personal is logged: ids yes, names, e-mail addresses, bodies and tokens never.

mod metrics;
mod trace;

pub use metrics::count;
pub use trace::Trace;

use tracing::level_filters::LevelFilter;

/// Sends all log lines of this process to standard output as JSON. Call it once, first thing in `main`.
///
/// `AWS_LAMBDA_LOG_LEVEL` (set by the function's `LoggingConfig`) chooses the level; `INFO` without it.
#[expect(clippy::disallowed_methods, reason = "Lambda's own settings, read once before there is anywhere to report to")]
pub fn init() {
    let level =
        std::env::var("AWS_LAMBDA_LOG_LEVEL").ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(level)
        .init();
}

/// The span of work that carries many requests' events and so has no correlation id of its own.
#[must_use]
pub fn span() -> tracing::Span {
    tracing::info_span!("function", function = function_name())
}

/// The function this process is, for the shared log group.
#[expect(clippy::disallowed_methods, reason = "Lambda's own name for this process; a test has none")]
pub(crate) fn function_name() -> String {
    std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default()
}
