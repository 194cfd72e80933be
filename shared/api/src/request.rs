use std::collections::HashMap;
use std::str::FromStr;

use kernel::{Fault, Invalid};
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use telemetry::Trace;

use crate::parameter::Parameters;
use crate::{Code, Problem};

/// One request, read the same way in every endpoint.
#[derive(Debug)]
pub struct Request {
    inner: lambda_http::Request,
    trace: Trace,
}

impl Request {
    /// Wraps a request as the runtime gives it.
    #[must_use]
    pub fn new(inner: lambda_http::Request) -> Self {
        let trace = trace(&inner);
        Self { inner, trace }
    }

    /// What the work that this request causes is logged under.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Path below the stage, such as `/orders/ord_…`.
    #[must_use]
    pub fn path(&self) -> &str {
        let path = self.inner.raw_http_path();
        // `cargo lambda watch` knows no stage: its routes carry the stage's name themselves.
        #[cfg(feature = "local")]
        let path = path.strip_prefix("/v1").unwrap_or(path);
        path
    }

    pub(crate) fn method(&self) -> &str {
        self.inner.method().as_str()
    }

    /// The address the request came from, as the gateway saw it.
    #[must_use]
    pub fn source_ip(&self) -> Option<String> {
        match self.inner.request_context_ref()? {
            RequestContext::ApiGatewayV1(context) => context.identity.source_ip.clone(),
            #[cfg(feature = "local")]
            RequestContext::ApiGatewayV2(context) => context.http.source_ip.clone(),
            #[allow(unreachable_patterns, reason = "other features of lambda_http add variants")]
            _ => None,
        }
    }

    /// A header's value, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.inner.headers().get(name)?.to_str().ok()
    }

    /// Holds that the caller changes the version that they read ([`crate::Response::versioned`]).
    ///
    /// # Errors
    /// 428 `if_match_missing`, 400 `invalid_header`, 412 `version_mismatch`.
    pub fn if_match(&self, version: u64) -> Result<(), Problem> {
        let tags = self.header("if-match").ok_or_else(|| Problem::new(Code::IfMatchMissing))?;
        matches_version(tags, version)
    }

    /// The claims that the gateway's authorizer verified. Only a route of class *required* has an authorizer.
    pub(crate) fn verified_claims(&self) -> Option<&HashMap<String, Value>> {
        match self.inner.request_context_ref()? {
            RequestContext::ApiGatewayV1(context) => Some(&context.authorizer.fields),
            #[allow(unreachable_patterns, reason = "other features of lambda_http add variants")]
            _ => None,
        }
    }

    /// A path parameter as an id or slug. What cannot be one names nothing that exists.
    ///
    /// # Errors
    /// 404 `not_found`.
    pub fn path_parameter<T: FromStr<Err = Invalid>>(&self, name: &str) -> Result<T, Problem> {
        self.inner
            .path_parameters_ref()
            .and_then(|parameters| parameters.first(name))
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Problem::new(Code::NotFound))
    }

    /// The query string as `T`; every parameter may be given once, and only those that `T` knows (it denies unknown fields).
    ///
    /// # Errors
    /// 400 `invalid_query` naming the fault.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let mut pairs = Vec::new();
        if let Some(query) = self.inner.query_string_parameters_ref() {
            for (name, value) in query.iter() {
                if pairs.iter().any(|(known, _)| *known == name) {
                    return Err(Problem::detailed(
                        Code::InvalidQuery,
                        format!("The parameter '{name}' is there twice."),
                    ));
                }
                pairs.push((name, value));
            }
        }
        let reader = serde::de::value::MapAccessDeserializer::new(Parameters::new(pairs));
        T::deserialize(reader).map_err(|error| {
            let detail = Invalid::read_back(&error.to_string())
                .map_or_else(|| error.to_string(), |invalid| invalid.detail().to_owned());
            Problem::detailed(Code::InvalidQuery, detail)
        })
    }

    /// The query string's parameters in a fixed order, for binding a cursor to them.
    pub(crate) fn query_pairs(&self) -> Vec<(String, String)> {
        let mut pairs: Vec<_> = self
            .inner
            .query_string_parameters_ref()
            .map(|query| query.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
            .unwrap_or_default();
        pairs.sort();
        pairs
    }

    /// The body as it was sent.
    #[must_use]
    pub fn raw_body(&self) -> &[u8] {
        self.inner.body()
    }

    /// The JSON body as `T`.
    ///
    /// # Errors
    /// 400 when it is not JSON, 415 when it says that it is something else, 422 with all faults when it is not a `T`.
    pub fn json<T: DeserializeOwned + JsonSchema>(&self) -> Result<T, Problem> {
        self.read_json(|_| Vec::new())
    }

    /// The JSON body as `T`. What cannot be read of it does not hide what is wrong with the rest: `D` is a draft of a `T`, as much of it as
    /// can be read, and `check` finds its faults.
    ///
    /// # Errors
    /// As [`Self::json`]. A body that can be read is not checked.
    pub fn json_or_draft<T, D>(&self, check: impl FnOnce(D) -> Result<(), Vec<Fault>>) -> Result<T, Problem>
    where
        T: DeserializeOwned + JsonSchema,
        D: DeserializeOwned,
    {
        self.read_json(|document| {
            let draft = D::deserialize(document).ok();
            draft.and_then(|draft| check(draft).err()).unwrap_or_default()
        })
    }

    fn read_json<T: DeserializeOwned + JsonSchema>(
        &self,
        check: impl FnOnce(&Value) -> Vec<Fault>,
    ) -> Result<T, Problem> {
        let is_json = |kind: &str| {
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        };
        if self.header("content-type").is_some_and(|kind| !is_json(kind)) {
            return Err(Problem::new(Code::UnsupportedMediaType));
        }
        crate::body::parse(self.raw_body(), check)
    }
}

/// Whether `tags`, the text of an `If-Match`, has the tag of `version`.
fn matches_version(tags: &str, version: u64) -> Result<(), Problem> {
    let current = etag(version);
    let mut tags = tags.split(',').map(str::trim);
    if tags.clone().any(|tag| tag != "*" && !is_tag(tag)) {
        let detail = "If-Match takes an ETag as it was given, with its quotes: \"7\".";
        return Err(Problem::detailed(Code::InvalidHeader, detail));
    }
    if tags.any(|tag| tag == "*" || tag == current) { Ok(()) } else { Err(Problem::new(Code::VersionMismatch)) }
}

/// Text in quotes, perhaps called weak (RFC 9110, section 8.8.3).
fn is_tag(text: &str) -> bool {
    let quoted = text.strip_prefix("W/").unwrap_or(text);
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.is_some_and(|inner| !inner.contains('"'))
}

/// The validator of one row's version.
pub(crate) fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// Tied to the gateway's request id, unless the caller brought an id of its own.
fn trace(request: &lambda_http::Request) -> Trace {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let brought = header("x-correlation-id").filter(|id| is_plain(id));
    let gateway = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.request_id.clone(),
        #[cfg(feature = "local")]
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        #[allow(unreachable_patterns, reason = "other features of lambda_http add variants")]
        _ => None,
    };
    let lambda = || request.lambda_context_ref().map(|context| context.request_id.clone()).unwrap_or_default();
    Trace {
        correlation_id: brought.map(str::to_owned).or(gateway).unwrap_or_else(lambda),
        traceparent: header("traceparent").filter(|parent| is_plain(parent)).map(str::to_owned),
    }
}

/// Short and harmless in a log line.
fn is_plain(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_named_by_its_etag() {
        let refusal = |tags: &str| matches_version(tags, 7).map_err(|problem| problem.code());
        for taken in ["\"7\"", "*", "\"6\", \"7\""] {
            assert_eq!(refusal(taken), Ok(()), "{taken}");
        }
        for other in ["\"6\"", "W/\"7\"", "\"\"", "\"07\""] {
            assert_eq!(refusal(other), Err(Code::VersionMismatch), "{other}");
        }
        for malformed in ["7", "", "\"7", "7\"", "\"", "'7'", "\"7\", 6", "\"6\"7\""] {
            assert_eq!(refusal(malformed), Err(Code::InvalidHeader), "{malformed}");
        }
    }
}
