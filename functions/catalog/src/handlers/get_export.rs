//! `GET /admin/exports/{id}`: how a copy of the catalogue stands, and a link that leads to it for five minutes.

use api::{Code, Group, Problem, Request, Response, Staff};
use kernel::{ExportId, Timestamp};

use crate::domain::ExportStatus;
use crate::handlers::exports::{ExportView, LoadExport};
use crate::uploads::{BucketError, UploadBucket, export_file};

/// How long a link leads to the file.
const LINK_SECONDS: u64 = 300;

pub trait LinkToFile {
    async fn link_to_file(&self, key: &str, seconds: u64) -> Result<String, BucketError>;
}

impl LinkToFile for UploadBucket {
    async fn link_to_file(&self, key: &str, seconds: u64) -> Result<String, BucketError> {
        self.link(key, seconds).await
    }
}

pub struct Deps<S, B> {
    pub catalog: S,
    pub uploads: B,
    pub staff: Staff,
    pub now: fn() -> Timestamp,
}

pub async fn handle(deps: &Deps<impl LoadExport, impl LinkToFile>, request: Request) -> Result<Response, Problem> {
    deps.staff.admit(&request, &[Group::Admin]).await?;
    let id: ExportId = request.path_parameter("id")?;
    let now = (deps.now)();
    let export = deps.catalog.load_export(id).await?.ok_or_else(|| Problem::new(Code::NotFound))?.body;
    let url = match export.status_at(now) {
        ExportStatus::Ready => {
            let link = deps.uploads.link_to_file(&export_file(id, export.restarts), LINK_SECONDS).await;
            Some(link.map_err(Problem::internal)?)
        }
        ExportStatus::Pending | ExportStatus::Running | ExportStatus::Failed | ExportStatus::Expired => None,
    };
    Ok(Response::ok(&ExportView::of(&export, url, now)))
}

#[cfg(test)]
mod tests {
    use dynamo::{Row, StoreError};
    use kernel::Ulid;
    use serde_json::{Value, json};
    use telemetry::Trace;
    use testkit::request;

    use super::*;
    use crate::domain::Export;
    use crate::fixtures;
    use crate::store::keys;

    struct Fake(Export);

    impl LoadExport for Fake {
        async fn load_export(&self, id: ExportId) -> Result<Option<Row<Export>>, StoreError> {
            Ok((id == self.0.id).then(|| Row::new(keys::export(id), self.0.clone())))
        }
    }

    struct Bucket;

    impl LinkToFile for Bucket {
        async fn link_to_file(&self, key: &str, seconds: u64) -> Result<String, BucketError> {
            Ok(format!("https://bucket.example/{key}?expires={seconds}"))
        }
    }

    fn export() -> Export {
        Export::new(ExportId::new(Ulid(1)), fixtures::STAFF.parse().unwrap(), Trace::start("c"), fixtures::now())
    }

    async fn get(export: Export, id: ExportId, groups: &str) -> Result<Value, Code> {
        let staff = testkit::auth::staff();
        let deps = Deps { catalog: Fake(export), uploads: Bucket, staff, now: fixtures::now };
        let request = request::get(&format!("/admin/exports/{id}")).path_parameter("id", id);
        let answer = handle(&deps, request.authorized(fixtures::STAFF, groups).build()).await;
        answer.map(|answer| testkit::json(&answer)).map_err(|problem| problem.code())
    }

    #[tokio::test]
    async fn a_link_leads_to_the_file_only_while_it_is_there() {
        let pending = get(export(), export().id, "[admin]").await.unwrap();
        assert_eq!((&pending["status"], &pending["url"]), (&json!("pending"), &Value::Null));
        let finished = |at| Export { status: ExportStatus::Ready, finished_at: Some(at), ..export() };
        let ready = get(finished(fixtures::now()), export().id, "[admin]").await.unwrap();
        let url = format!("https://bucket.example/exports/{}-0.csv?expires=300", export().id);
        assert_eq!((&ready["status"], &ready["url"]), (&json!("ready"), &json!(url)));
        let long_ago = fixtures::now().plus_seconds(-8 * 24 * 60 * 60);
        let expired = get(finished(long_ago), export().id, "[admin]").await.unwrap();
        assert_eq!((&expired["status"], &expired["url"]), (&json!("expired"), &Value::Null));
        let failed = Export { status: ExportStatus::Failed, ..export() };
        let failed = get(failed, export().id, "[admin]").await.unwrap();
        let told = [&failed["status"], &failed["url"], &failed["expires_at"]];
        assert_eq!(told, [&json!("failed"), &Value::Null, &Value::Null]);
    }

    #[tokio::test]
    async fn admins_read_the_copies_that_there_are() {
        assert_eq!(get(export(), export().id, "[support]").await, Err(Code::Forbidden));
        assert_eq!(get(export(), ExportId::new(Ulid(2)), "[admin]").await, Err(Code::NotFound));
    }
}
