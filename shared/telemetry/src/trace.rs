use serde::{Deserialize, Serialize};

/// What ties the log lines, events and mails of one request together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The id an operator searches for: `scripts/logs <correlation id>`.
    pub correlation_id: String,
    /// W3C trace context, when the caller sent one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

impl Trace {
    /// A trace that starts here, for work nobody asked for (schedules).
    #[must_use]
    pub fn start(correlation_id: impl Into<String>) -> Self {
        Self { correlation_id: correlation_id.into(), traceparent: None }
    }

    /// The span every log line of one invocation belongs to.
    #[must_use]
    pub fn span(&self) -> tracing::Span {
        tracing::info_span!("invocation", correlation_id = %self.correlation_id, function = crate::function_name())
    }
}
