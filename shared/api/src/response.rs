use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// An answer under construction. Without more, it is JSON that nobody may cache.
#[derive(Debug, Clone)]
pub struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) public_seconds: Option<u32>,
}

impl Response {
    /// `body` as JSON.
    ///
    /// # Panics
    /// Never: views are plain data.
    #[must_use]
    pub fn new(status: StatusCode, body: &impl Serialize) -> Self {
        Self::raw(status, "application/json", serde_json::to_string(body).expect("a view is plain data"))
    }

    #[must_use]
    pub fn ok(body: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// Something new, and where it is found: `/orders/ord_…`, below the API's base.
    #[must_use]
    pub fn created(location: &str, body: &impl Serialize) -> Self {
        Self::new(StatusCode::CREATED, body).header("Location", format!("/v1{location}"))
    }

    #[must_use]
    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, headers: Vec::new(), body: String::new(), public_seconds: None }
    }

    /// A body that is text already.
    #[must_use]
    pub fn raw(status: StatusCode, content_type: &str, body: String) -> Self {
        Self { status, headers: vec![("Content-Type", content_type.to_owned())], body, public_seconds: None }
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Tells the version of the one row that is shown: what the next change names in `If-Match`.
    #[must_use]
    pub fn versioned(self, version: u64) -> Self {
        self.header("ETag", crate::request::etag(version))
    }

    pub(crate) fn content_type(mut self, content_type: &str) -> Self {
        self.headers.retain(|(name, _)| *name != "Content-Type");
        self.header("Content-Type", content_type)
    }

    /// Anybody may keep the answer for so long, and use it somewhat longer while asking anew.
    #[must_use]
    pub fn public(mut self, seconds: u32) -> Self {
        self.public_seconds = Some(seconds);
        self
    }

    /// A member of the JSON object that the body is.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<Value> {
        serde_json::from_str::<Map<String, Value>>(&self.body).ok()?.remove(name)
    }

    /// The same answer with a further member at the end of its JSON object.
    ///
    /// # Panics
    /// When the body is not an object.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: impl Serialize) -> Self {
        let mut object: Map<String, Value> = serde_json::from_str(&self.body).expect("the body is an object");
        object.insert(name.to_owned(), json!(value));
        self.body = Value::Object(object).to_string();
        self
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The first header of this name.
    #[must_use]
    pub fn header_value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The strong validator of the body.
    pub(crate) fn etag(&self) -> String {
        let hash = digest::digest(&digest::SHA256, self.body.as_bytes());
        format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..18]))
    }
}
