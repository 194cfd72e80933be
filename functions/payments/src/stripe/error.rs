use serde::Deserialize;

/// Why Stripe did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// No key, or one that Stripe does not take.
    #[error("Stripe is not set up: {0}")]
    NotConfigured(&'static str),
    /// It failed, and answers the same to whoever asks again under the same key.
    #[error("Stripe failed with status {0}")]
    Failed(u16),
    /// It may or may not have acted: ask again under the same key.
    #[error("Stripe gave no useful answer: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("Stripe refused: {0}")]
    Refused(Refusal),
}

/// A definite no.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refusal {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub param: Option<String>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".to_owned());
        write!(f, "type {}, code {}, parameter {}", self.kind, part(&self.code), part(&self.param))
    }
}

impl ProviderError {
    /// The code of a definite refusal.
    #[must_use]
    pub fn refusal_code(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => refusal.code.as_deref(),
            Self::NotConfigured(_) | Self::Failed(_) | Self::Unavailable(_) => None,
        }
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    error: Refusal,
}

/// Reads an answer that is not a success.
pub(super) fn read(status: u16, body: &[u8]) -> ProviderError {
    let unavailable = |why: String| ProviderError::Unavailable(why.into());
    let refusal = match (status, serde_json::from_slice::<ErrorBody>(body)) {
        (401 | 403, _) => return ProviderError::NotConfigured("the secret key is not accepted"),
        (429, _) => return unavailable(format!("status {status}")),
        (500.., _) => return ProviderError::Failed(status),
        (_, Ok(ErrorBody { error })) => error,
        (_, Err(_)) => return unavailable(format!("status {status} without an error object")),
    };
    match refusal.code.as_deref() {
        // A parallel request under the same key is still running there.
        Some("idempotency_key_in_use" | "lock_timeout" | "rate_limit") => unavailable(refusal.to_string()),
        _ => ProviderError::Refused(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_told_from_what_is_refused_for_good() {
        let error =
            |code: &str| format!(r#"{{"error":{{"type":"invalid_request_error","code":"{code}","message":"…"}}}}"#);
        let table = [
            (401, error("-"), "not configured"),
            (403, error("secret_key_required"), "not configured"),
            (400, error("amount_too_small"), "refused"),
            (404, error("resource_missing"), "refused"),
            (402, error("card_declined"), "refused"),
            (409, error("idempotency_key_in_use"), "unavailable"),
            (429, error("rate_limit"), "unavailable"),
            (500, error("api_error"), "failed"),
            (503, "<html>".to_owned(), "failed"),
            (400, "<html>".to_owned(), "unavailable"),
        ];
        for (status, body, expected) in table {
            let found = match read(status, body.as_bytes()) {
                ProviderError::NotConfigured(_) => "not configured",
                ProviderError::Failed(_) => "failed",
                ProviderError::Unavailable(_) => "unavailable",
                ProviderError::Refused(_) => "refused",
            };
            assert_eq!(found, expected, "{status} {body}");
        }
    }

    #[test]
    fn a_refusal_without_a_code_is_still_a_refusal() {
        let error = read(400, br#"{"error":{"type":"idempotency_error","message":"other parameters"}}"#);
        assert_eq!(error.refusal_code(), None);
        assert!(matches!(error, ProviderError::Refused(refusal) if refusal.kind == "idempotency_error"));
    }
}
