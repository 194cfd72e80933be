//! `POST /me/exports`: somebody wants a copy of their data. One is made a day; asking again meanwhile gives the same one.

use api::{Authenticator, Code, Problem, Request, Response, StatusCode};
use dynamo::{StoreError, WriteError};
use events::{Envelope, UserExportRequested};
use kernel::{ExportId, Timestamp, Ulid, UserId};
use tracing::info;

use crate::domain::{Export, Profile};
use crate::handlers::changes::{Announcing, TRIES};
use crate::handlers::exports::ExportView;

pub trait LoadExporter {
    /// Who asks, and the latest copy that they asked for.
    async fn load_exporter(&self, user: &UserId) -> Result<(Option<Profile>, Option<Export>), StoreError>;
}

pub trait BeginExport {
    /// Writes `export` in the place of `latest` and asks the services for their parts. Refused when somebody else was faster.
    async fn begin_export(
        &self,
        latest: Option<&Export>,
        export: &Export,
        event: &Envelope<UserExportRequested>,
    ) -> Result<(), WriteError<()>>;
}

pub struct Deps<S> {
    pub auth: Authenticator,
    pub users: S,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

pub async fn handle(deps: &Deps<impl LoadExporter + BeginExport>, request: Request) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let now = (deps.now)();
    let announcing = Announcing::of(&request, now, deps.new_id);
    for _ in 0..TRIES {
        let (profile, latest) = deps.users.load_exporter(&user.id).await?;
        let profile = profile.ok_or_else(|| Problem::new(Code::NotFound))?;
        if let Some(recent) = latest.as_ref().filter(|export| export.is_recent(now)) {
            return Ok(accepted(recent, now));
        }
        let export = Export::new(ExportId::new((deps.new_id)()), now);
        let asked =
            UserExportRequested { export_id: export.id, user_id: user.id.clone(), email: profile.email.clone() };
        let event = announcing.about(&profile, asked);
        match deps.users.begin_export(latest.as_ref(), &export, &event).await {
            Ok(()) => {
                info!(user_id = %user.id, export_id = %export.id, "began export {}", export.id);
                return Ok(accepted(&export, now));
            }
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::TryAgain))
}

fn accepted(export: &Export, now: Timestamp) -> Response {
    Response::new(StatusCode::ACCEPTED, &ExportView::of(export, None, now))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;
    use crate::domain::samples::{ADA, ada};
    use crate::handlers::fakes::new_id;

    #[derive(Default)]
    struct Users {
        latest: Mutex<Option<Export>>,
        asked: Mutex<Vec<UserExportRequested>>,
    }

    impl LoadExporter for Users {
        async fn load_exporter(&self, _: &UserId) -> Result<(Option<Profile>, Option<Export>), StoreError> {
            Ok((Some(ada()), self.latest.lock().unwrap().clone()))
        }
    }

    impl BeginExport for Users {
        async fn begin_export(
            &self,
            latest: Option<&Export>,
            export: &Export,
            event: &Envelope<UserExportRequested>,
        ) -> Result<(), WriteError<()>> {
            let mut known = self.latest.lock().unwrap();
            if known.as_ref() != latest {
                return Err(WriteError::Refused(vec![()]));
            }
            *known = Some(export.clone());
            self.asked.lock().unwrap().push(event.data.clone());
            Ok(())
        }
    }

    fn export(number: u128) -> Export {
        Export::new(ExportId::new(Ulid(number)), testkit::now())
    }

    async fn ask(latest: Option<Export>, times: usize) -> (Vec<serde_json::Value>, Vec<UserExportRequested>) {
        let users = Users { latest: Mutex::new(latest), ..Users::default() };
        let deps = Deps { auth: testkit::auth::authenticator(), users, now: testkit::now, new_id };
        let mut answers = Vec::new();
        for _ in 0..times {
            let request = testkit::request::post("/me/exports").authorized(ADA, "").build();
            let answer = handle(&deps, request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::ACCEPTED);
            answers.push(testkit::json(&answer));
        }
        (answers, deps.users.asked.into_inner().unwrap())
    }

    #[tokio::test]
    async fn asking_twice_begins_one_export() {
        let (answers, asked) = ask(None, 2).await;
        assert_eq!((&answers[0], asked.len()), (&answers[1], 1));
        let expected = json!({ "id": export(7).id, "status": "pending", "requested_at": testkit::now() });
        assert_eq!(answers[0], expected);
        assert_eq!((asked[0].export_id, &asked[0].email), (export(7).id, &ada().email));
    }

    #[tokio::test]
    async fn a_day_later_another_may_be_asked_for_and_until_then_the_one_that_is_ready_will_do() {
        for (seconds, expected, begun) in [(24 * 60 * 60, export(7).id, 1), (24 * 60 * 60 - 1, export(1).id, 0)] {
            let requested_at = testkit::now().plus_seconds(-seconds);
            let ready = Export { requested_at, ..export(1) }.joined(testkit::now());
            let (answers, asked) = ask(Some(ready), 1).await;
            assert_eq!((&answers[0]["id"], asked.len()), (&json!(expected), begun));
        }
    }

    #[tokio::test]
    async fn a_guest_has_nothing_to_export() {
        let deps = Deps { auth: testkit::auth::authenticator(), users: Users::default(), now: testkit::now, new_id };
        let refused = handle(&deps, testkit::request::post("/me/exports").build()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated);
    }
}
