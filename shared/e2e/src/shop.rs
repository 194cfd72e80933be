//! The shop as a shopper's browser sees it: requests and answers over HTTP, nothing else.

use std::sync::OnceLock;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{Request, Response};

/// Where the shop under test is; `scripts/test` sets these.
#[expect(clippy::disallowed_methods, reason = "the tests are told where the shop is")]
pub fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the journeys with scripts/test"))
}

/// A number that whoever runs the tests may set.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a switch for the one who runs the test")]
pub fn number_setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// An answer of the shop.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub text: String,
}

impl Answer {
    /// The body as JSON; null when there is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body, if the status is `status`; otherwise the test ends with all of the answer.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// Holds that this is the problem `code`, in the registered shape.
    #[track_caller]
    pub fn refused(&self, code: api::Code) -> Value {
        let body = self.json();
        assert_eq!((self.status, &body["code"]), (code.status(), &Value::from(code.as_str())), "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.text);
        for member in ["type", "title", "status", "detail", "instance", "code", "request_id"] {
            assert!(body.get(member).is_some(), "no '{member}' in {}", self.text);
        }
        assert_eq!(body["status"], code.status());
        body
    }
}

/// A request under construction.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before send()"]
pub struct Call {
    method: &'static str,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

pub fn get(path: &str) -> Call {
    Call::new("GET", path)
}

pub fn post(path: &str) -> Call {
    Call::new("POST", path)
}

pub fn put(path: &str) -> Call {
    Call::new("PUT", path)
}

pub fn patch(path: &str) -> Call {
    Call::new("PATCH", path)
}

pub fn delete(path: &str) -> Call {
    Call::new("DELETE", path)
}

impl Call {
    pub fn new(method: &'static str, path: &str) -> Self {
        Self { method, url: format!("{}{path}", setting("SOUK_API_URL")), headers: Vec::new(), body: None }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    pub fn key(self, idempotency_key: &str) -> Self {
        self.header("Idempotency-Key", idempotency_key)
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").text(body.to_string())
    }

    pub fn text(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    #[must_use]
    pub fn send(self) -> Answer {
        let mut request = Request::builder().method(self.method).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let answer = match &self.body {
            Some(body) => agent().run(request.body(body).unwrap()),
            None => agent().run(request.body(()).unwrap()),
        };
        let answer = read(answer.unwrap_or_else(|error| panic!("{} {}: {error}", self.method, self.url)));
        self.is_documented(&answer);
        answer
    }

    /// Holds that a refusal is one that the route's description names, so that callers can rely on the documentation.
    fn is_documented(&self, answer: &Answer) {
        let problem = answer.json();
        // Where the gateway found no route, it was not this one's to name.
        let Some(code) = problem["code"].as_str().filter(|code| *code != api::Code::RouteNotFound.as_str()) else {
            return;
        };
        let path = self.url.split('?').next().unwrap().strip_prefix(&setting("SOUK_API_URL")).unwrap();
        let Some(route) = route_of(self.method, path) else { return };
        let named = route.codes().iter().any(|known| known.as_str() == code);
        assert!(named, "{} {} answers {code}, which its description does not name", self.method, route.path);
    }
}

/// Reads whatever an HTTP server answered. A picture is no text, and nobody looks at it as one.
pub(crate) fn read(mut response: Response<ureq::Body>) -> Answer {
    let bytes = response.body_mut().with_config().limit(20_000_000).read_to_vec().unwrap();
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// The route that serves `path`; one without parameters before one with them.
fn route_of(method: &str, path: &str) -> Option<api::Route> {
    let serves = |route: &api::Route| {
        let (mine, theirs): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), route.path.split('/').collect());
        route.method.eq_ignore_ascii_case(method)
            && mine.len() == theirs.len()
            && mine.iter().zip(&theirs).all(|(mine, theirs)| theirs.starts_with('{') || mine == theirs)
    };
    crate::routes().into_iter().filter(serves).min_by_key(|route| route.path_parameters().len())
}

/// What is at `url`, outside the shop's API.
#[must_use]
pub fn fetch(url: &str) -> Answer {
    read(agent().get(url).call().unwrap_or_else(|error| panic!("{url}: {error}")))
}

/// Answers with an error status are answers like any other.
pub(crate) fn agent() -> &'static Agent {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(std::time::Duration::from_secs(60)))
            .max_redirects(0)
            .build()
            .into()
    })
}

/// Waits until `look` sees what it looks for; ends the test when it has not within half a minute.
#[track_caller]
pub fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    eventually_within(30, what, look)
}

/// [`eventually`], for what goes through queues: a message that failed once, on a machine that is busy, is hidden for three minutes.
#[track_caller]
pub fn eventually_by_queue<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    eventually_within(240, what, look)
}

/// [`eventually`], for what takes longer by design.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "the pause between two looks; what is awaited decides")]
pub fn eventually_within<T>(seconds: u64, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = std::time::Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed().as_secs() < seconds, "waited {seconds} s for {what}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}
