use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant, SystemTime};

use futures_util::FutureExt as _;
use lambda_http::http::StatusCode;
use lambda_http::{Body, RequestExt as _, service_fn};
use tracing::{Instrument as _, error, info, warn};

use crate::{Code, Error, Problem, Request, Response};

/// Bytes of a body, unless an endpoint says otherwise.
pub const MAX_BODY: usize = 64 * 1024;
/// Left for answering when the deadline comes near.
const ANSWER_TIME: Duration = Duration::from_millis(500);
/// Where no runtime tells a deadline.
const NO_DEADLINE: Duration = Duration::from_secs(10);

/// Runs `handle` for each request until the process is ended.
///
/// Whatever happens is answered here: a panic is a 500, a deadline that comes near a 503, a body over 64 KiB a 413, a problem its
/// own status. Every request leaves one log line.
///
/// # Errors
/// Only when the runtime itself fails.
pub async fn serve<D, F, Fut>(deps: D, handle: F) -> Result<(), Error>
where
    D: Sync + 'static,
    F: Fn(&'static D, Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Response, Problem>> + Send + 'static,
{
    serve_bodies_up_to(MAX_BODY, deps, handle).await
}

/// [`serve`] with another limit for the body.
///
/// # Errors
/// Only when the runtime itself fails.
pub async fn serve_bodies_up_to<D, F, Fut>(max_body: usize, deps: D, handle: F) -> Result<(), Error>
where
    D: Sync + 'static,
    F: Fn(&'static D, Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Response, Problem>> + Send + 'static,
{
    // The process serves until it ends, and so do its dependencies.
    let deps: &'static D = Box::leak(Box::new(deps));
    let handle: &'static F = Box::leak(Box::new(handle));
    let origins: &'static str = Box::leak(aws::env::or("CORS_ORIGINS", "*").into_boxed_str());
    lambda_http::run(service_fn(move |event: lambda_http::Request| {
        let time_left = time_left(&event);
        let origin = event.headers().get("origin").and_then(|origin| origin.to_str().ok()).map(str::to_owned);
        let if_none_match = event.headers().get("if-none-match").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let too_large = event.body().len() > max_body;
        let request = Request::new(event);
        let span = request.trace().span();
        async move {
            let call = Call::of(&request);
            let work = async {
                if too_large {
                    return Err(Problem::new(Code::BodyTooLarge));
                }
                let work = AssertUnwindSafe(handle(deps, request)).catch_unwind();
                match tokio::time::timeout(time_left, work).await {
                    Ok(Ok(outcome)) => outcome,
                    Ok(Err(_)) => Err(Problem::internal("the handler panicked")),
                    Err(_) => Err(Problem::new(Code::Timeout)),
                }
            };
            let ((outcome, usage), aws_calls) = aws::calls::noted(dynamo::metered(work)).await;
            let response = call.answer(outcome, usage, &aws_calls);
            Ok::<_, Error>(finish(response, origins, origin.as_deref(), if_none_match.as_deref()))
        }
        .instrument(span)
    }))
    .await
}

/// What the log line of a request says.
struct Call {
    method: String,
    path: String,
    request_id: String,
    started: Instant,
}

impl Call {
    fn of(request: &Request) -> Self {
        Self {
            method: request.method().to_owned(),
            path: request.path().to_owned(),
            request_id: request.trace().correlation_id.clone(),
            started: Instant::now(),
        }
    }

    fn answer(self, outcome: Result<Response, Problem>, usage: dynamo::Usage, aws_calls: &str) -> Response {
        let (method, path) = (&self.method, &self.path);
        let duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let aws_calls = Some(aws_calls).filter(|calls| !calls.is_empty());
        let dynamodb_calls = usage.calls;
        let (read_capacity, write_capacity) = (usage.read.units(), usage.written.units());
        // One set of members for all lines of a request, whatever came of it.
        macro_rules! log {
            ($level:ident, $($members:tt)*) => {
                $level!(
                    method,
                    path,
                    duration_ms,
                    dynamodb_calls,
                    read_capacity,
                    write_capacity,
                    aws_calls,
                    $($members)*
                )
            };
        }
        match outcome {
            Ok(response) => {
                log!(info, status = response.status.as_u16(), "answered");
                response
            }
            Err(problem) => {
                let (status, code) = (problem.code().status(), problem.code().as_str());
                match (status, problem.cause()) {
                    (500, cause) => log!(error, status, code, cause, "failed"),
                    (_, Some(cause)) => log!(warn, status, code, cause, "refused"),
                    (_, None) => log!(info, status, code, "refused"),
                }
                problem.into_response(&format!("/v1{path}"), &self.request_id)
            }
        }
    }
}

fn time_left(event: &lambda_http::Request) -> Duration {
    // `cargo lambda watch` tells each function a deadline in 1970.
    if cfg!(feature = "local") {
        return NO_DEADLINE;
    }
    #[expect(clippy::disallowed_methods, reason = "the deadline is wall-clock time of this machine")]
    let now = SystemTime::now();
    let deadline = event.lambda_context_ref().map_or(now + NO_DEADLINE, |context| context.deadline());
    deadline.duration_since(now).unwrap_or_default().saturating_sub(ANSWER_TIME)
}

/// Adds what is the same for all answers: caching, validators and CORS.
fn finish(
    mut response: Response,
    origins: &str,
    origin: Option<&str>,
    if_none_match: Option<&str>,
) -> lambda_http::Response<Body> {
    match response.public_seconds {
        Some(seconds) => {
            let etag = response.etag();
            let unchanged = if_none_match.is_some_and(|tags| tags.split(',').any(|tag| matches(tag.trim(), &etag)));
            response = response
                .header("Cache-Control", format!("public, max-age={seconds}, stale-while-revalidate={}", seconds * 5))
                .header("ETag", etag);
            if unchanged && response.status == StatusCode::OK {
                response.status = StatusCode::NOT_MODIFIED;
                response.body.clear();
                response.headers.retain(|(name, _)| *name != "Content-Type");
            }
        }
        None => response = response.header("Cache-Control", "private, no-store"),
    }
    if origins != "*" {
        response = response.header("Vary", "Origin");
    }
    if let Some(allowed) = allowed_origin(origins, origin) {
        response = response
            .header("Access-Control-Allow-Origin", allowed)
            .header("Access-Control-Expose-Headers", "ETag, Link, Location, Retry-After, Idempotent-Replayed");
    }
    let mut built = lambda_http::Response::builder().status(response.status);
    for (name, value) in response.headers {
        built = built.header(name, value);
    }
    let body = if response.body.is_empty() { Body::Empty } else { Body::Text(response.body) };
    built.body(body).expect("header values are made here")
}

fn matches(tag: &str, etag: &str) -> bool {
    tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
}

fn allowed_origin<'a>(origins: &'a str, origin: Option<&'a str>) -> Option<&'a str> {
    if origins == "*" {
        return Some("*");
    }
    origin.filter(|origin| origins.split(',').any(|allowed| allowed.trim() == *origin))
}
