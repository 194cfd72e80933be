//! `GET /me/exports/{id}`: how the copy stands, and a link that leads to it for five minutes.

use api::{Authenticator, Code, Problem, Request, Response};
use kernel::{ExportId, Timestamp, UserId};
use privacy::{BucketError, ExportBucket};

use crate::domain::ExportStatus;
use crate::handlers::exports::{ExportView, LoadExport};

/// How long a link leads to the file.
const LINK_SECONDS: u64 = 300;

pub trait LinkToFile {
    async fn link(&self, user: &UserId, export: ExportId, seconds: u64) -> Result<String, BucketError>;
}

impl LinkToFile for ExportBucket {
    async fn link(&self, user: &UserId, export: ExportId, seconds: u64) -> Result<String, BucketError> {
        self.link(user, export, seconds).await
    }
}

pub struct Deps<S, B> {
    pub auth: Authenticator,
    pub users: S,
    pub bucket: B,
    pub now: fn() -> Timestamp,
}

pub async fn handle(deps: &Deps<impl LoadExport, impl LinkToFile>, request: Request) -> Result<Response, Problem> {
    let user = deps.auth.user(&request).await?;
    let id: ExportId = request.path_parameter("id")?;
    let now = (deps.now)();
    // Somebody else's is under their id, so it is none of this one's.
    let export = deps.users.load_export(&user.id).await?.filter(|export| export.id == id);
    let export = export.ok_or_else(|| Problem::new(Code::NotFound))?;
    let url = match export.status_at(now) {
        ExportStatus::Ready => Some(deps.bucket.link(&user.id, id, LINK_SECONDS).await.map_err(Problem::internal)?),
        ExportStatus::Pending | ExportStatus::Expired => None,
    };
    Ok(Response::ok(&ExportView::of(&export, url, now)))
}

#[cfg(test)]
mod tests {
    use dynamo::StoreError;
    use kernel::Ulid;
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::Export;
    use crate::domain::samples::ADA;

    struct Users(Export);

    impl LoadExport for Users {
        async fn load_export(&self, user: &UserId) -> Result<Option<Export>, StoreError> {
            Ok((user.as_str() == ADA).then(|| self.0.clone()))
        }
    }

    struct Bucket;

    impl LinkToFile for Bucket {
        async fn link(&self, user: &UserId, export: ExportId, seconds: u64) -> Result<String, BucketError> {
            Ok(format!("https://bucket.example/{user}/{export}?expires={seconds}"))
        }
    }

    fn export() -> Export {
        Export::new(ExportId::new(Ulid(1)), testkit::now())
    }

    async fn show(export: Export, user: &str, id: ExportId) -> Result<Value, Code> {
        let deps =
            Deps { auth: testkit::auth::authenticator(), users: Users(export), bucket: Bucket, now: testkit::now };
        let request = testkit::request::get("/me/exports/x").authorized(user, "").path_parameter("id", id);
        let answer = handle(&deps, request.build()).await.map_err(|problem| problem.code())?;
        Ok(testkit::json(&answer))
    }

    #[tokio::test]
    async fn a_link_leads_to_the_file_only_while_it_is_there() {
        let pending = show(export(), ADA, export().id).await.unwrap();
        assert_eq!((&pending["status"], &pending["url"]), (&json!("pending"), &Value::Null));
        let ready = show(export().joined(testkit::now()), ADA, export().id).await.unwrap();
        let url = format!("https://bucket.example/{ADA}/{}?expires=300", export().id);
        assert_eq!((&ready["status"], &ready["url"]), (&json!("ready"), &json!(url)));
        let long_ago = testkit::now().plus_seconds(-8 * 24 * 60 * 60);
        let expired = show(export().joined(long_ago), ADA, export().id).await.unwrap();
        assert_eq!((&expired["status"], &expired["url"]), (&json!("expired"), &Value::Null));
    }

    #[tokio::test]
    async fn another_s_export_and_an_earlier_one_are_not_there() {
        let ready = || export().joined(testkit::now());
        let other = "00000000-5a5e-4c7f-9d0e-1f6a2b3c4d5e";
        assert_eq!(show(ready(), other, export().id).await, Err(Code::NotFound));
        assert_eq!(show(ready(), ADA, ExportId::new(Ulid(2))).await, Err(Code::NotFound));
    }
}
