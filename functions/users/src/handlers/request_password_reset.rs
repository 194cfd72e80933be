//! `POST /password-resets`: a code that lets whoever reads the mails of an address choose another password.

use api::{Problem, Request, Response};
use kernel::Ulid;

use crate::domain::{CodeKind, TryKind};
use crate::handlers::codes::{Address, CodeWanted, QueueCode, code_sent};
use crate::handlers::tries::{CountTry, Gate};

pub struct Deps<G, Q> {
    pub gate: Gate<G>,
    pub queue: Q,
    pub new_id: fn() -> Ulid,
}

pub async fn handle(deps: &Deps<impl CountTry, impl QueueCode>, request: Request) -> Result<Response, Problem> {
    let Address { email } = request.json()?;
    deps.gate.admit(TryKind::Reset, &email, &request).await?;
    deps.queue.queue_code(&CodeWanted::new(CodeKind::PasswordReset, &email, &request, (deps.new_id)())).await?;
    Ok(code_sent(email))
}

#[cfg(test)]
mod tests {
    use api::Code;
    use serde_json::json;

    use super::*;
    use crate::handlers::codes::fakes::Queued;
    use crate::handlers::tries::fakes::{Tried, gate};

    async fn ask(deps: &Deps<Tried, Queued>) -> Result<Response, Problem> {
        let body = json!({ "email": "Ada@example.com" });
        handle(deps, testkit::request::post("/password-resets").json(body).build()).await
    }

    #[tokio::test]
    async fn whoever_asks_is_told_that_a_code_was_sent_and_the_queue_looks_after_it() {
        let deps = Deps { gate: gate(1), queue: Queued::default(), new_id: || Ulid(7) };
        let answer = ask(&deps).await.unwrap();
        assert_eq!(answer.status().as_u16(), 202);
        assert_eq!(testkit::json(&answer), json!({ "email": "ada@example.com", "status": "code_sent" }));
        assert_eq!(deps.queue.kinds(), [(CodeKind::PasswordReset, "ada@example.com".to_owned())]);
        assert_eq!(ask(&deps).await.unwrap_err().code(), Code::TooManyAttempts);
        assert_eq!(deps.gate.tried(), [TryKind::Reset]);
    }
}
