use std::borrow::Cow;

use dynamo::StoreError;
use kernel::Fault;
use lambda_http::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::{Code, Request, Response};

/// A refusal or failure, answered as `application/problem+json` (RFC 9457).
///
/// `detail` is for the caller and says nothing about the inside; `cause` is for the log and never leaves it.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    faults: Vec<Fault>,
    fields: Map<String, Value>,
    retry_after: Option<u32>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Problem {
    /// A problem whose title says enough.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self::detailed(code, code.title())
    }

    /// A problem with a sentence about this occurrence.
    #[must_use]
    pub fn detailed(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        let retry_after = (code.status() == 503 || code.status() == 429).then_some(1);
        Self { code, detail: detail.into(), faults: Vec::new(), fields: Map::new(), retry_after, cause: None }
    }

    /// All that is wrong with a request's body.
    #[must_use]
    pub fn invalid(faults: Vec<Fault>) -> Self {
        let detail = match faults.as_slice() {
            [only] => only.detail.clone(),
            many => format!("The request has {} faults.", many.len()).into(),
        };
        Self { faults, ..Self::detailed(Code::ValidationFailed, detail) }
    }

    /// Something failed on our side; only the log learns why.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..Self::new(Code::InternalError) }
    }

    /// A further member of the answer, such as the order that a cart became.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl serde::Serialize) -> Self {
        self.fields.insert(name.to_owned(), json!(value));
        self
    }

    /// All members of `details`, as the route describes them ([`crate::Route::refuses_with`]).
    #[must_use]
    pub fn telling(mut self, details: impl serde::Serialize) -> Self {
        if let Value::Object(members) = json!(details) {
            self.fields.extend(members);
        }
        self
    }

    /// Where in the body the trouble is.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.faults.push(Fault { pointer: pointer.into(), code: self.code.as_str(), detail: self.detail.clone() });
        self
    }

    /// One entry of `errors` for each part of the request that is to blame.
    #[must_use]
    pub fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.faults = faults;
        self
    }

    /// Seconds after which another try makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The sentence for the caller.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The further member `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The cause and the causes behind it, for the log.
    pub(crate) fn cause(&self) -> Option<String> {
        let mut error: &dyn std::error::Error = self.cause.as_deref()?;
        let mut text = error.to_string();
        while let Some(source) = error.source() {
            text = format!("{text}: {source}");
            error = source;
        }
        Some(text)
    }

    /// The refusal as the answer that is kept under an idempotency key: the same for every repetition.
    #[must_use]
    pub fn final_answer(self, request: &Request) -> Response {
        self.into_response(&format!("/v1{}", request.path()), &request.trace().correlation_id)
    }

    pub(crate) fn into_response(self, instance: &str, request_id: &str) -> Response {
        let mut body = Map::from_iter([
            ("type".to_owned(), json!(format!("urn:souk:problem:{}", self.code.as_str()))),
            ("title".to_owned(), json!(self.code.title())),
            ("status".to_owned(), json!(self.code.status())),
            ("detail".to_owned(), json!(self.detail)),
            ("instance".to_owned(), json!(instance)),
            ("code".to_owned(), json!(self.code.as_str())),
            ("request_id".to_owned(), json!(request_id)),
        ]);
        if !self.faults.is_empty() {
            let errors = self
                .faults
                .iter()
                .map(|fault| json!({ "pointer": fault.pointer, "code": fault.code, "detail": fault.detail }));
            body.insert("errors".to_owned(), errors.collect());
        }
        body.extend(self.fields);
        let status = StatusCode::from_u16(self.code.status()).expect("registered codes have a valid status");
        let response = Response::new(status, &body).content_type("application/problem+json");
        match self.retry_after {
            Some(seconds) => response.header("Retry-After", seconds.to_string()),
            None => response,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let code = if matches!(error, StoreError::Busy(_)) { Code::TryAgain } else { Code::InternalError };
        Self::new(code).because(error)
    }
}
