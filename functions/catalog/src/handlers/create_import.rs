//! `POST /admin/imports`: a form to upload a file with; its rows are done once it is there.

use api::{AuditEntry, Group, Problem, Request, Response, Staff};
use dynamo::StoreError;
use kernel::{ImportId, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::import::{Import, MAX_IMPORT_BYTES};
use crate::handlers::imports::ImportView;
use crate::uploads::{UploadForm, UploadForms};

pub trait InsertImport {
    async fn insert_import(&self, import: &Import, audit: &AuditEntry) -> Result<(), StoreError>;
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
    pub forms: UploadForms,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct NewImport {
    #[serde(flatten)]
    import: ImportView,
    upload: UploadForm,
}

pub async fn handle(deps: &Deps<impl InsertImport>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let now = (deps.now)();
    let id = ImportId::new((deps.new_id)());
    let import = Import::new(id, staff.id.clone(), request.trace().clone(), now);
    let audit = AuditEntry::new(&request, &staff, now, "create_import", id, &[]);
    deps.catalog.insert_import(&import, &audit).await?;
    let upload = deps.forms.for_import(id, MAX_IMPORT_BYTES, now);
    let new = NewImport { import: ImportView::of(import), upload };
    Ok(Response::created(&format!("/admin/imports/{id}"), &new))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use api::Code;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};
    use testkit::request;

    use super::*;
    use crate::fixtures;

    #[derive(Default)]
    struct Fake(RefCell<Option<Import>>);

    impl InsertImport for Fake {
        async fn insert_import(&self, import: &Import, audit: &AuditEntry) -> Result<(), StoreError> {
            assert_eq!((audit.action.as_str(), &audit.subject), ("create_import", &import.id.to_string()));
            self.0.replace(Some(import.clone()));
            Ok(())
        }
    }

    async fn create(groups: &str) -> (Result<Response, Problem>, Option<Import>) {
        let deps = Deps {
            catalog: Fake::default(),
            staff: testkit::auth::staff(),
            forms: UploadForms::of_tests(),
            now: fixtures::now,
            new_id: fixtures::new_id,
        };
        let request = request::post("/admin/imports").authorized(fixtures::STAFF, groups).build();
        (handle(&deps, request).await, deps.catalog.0.into_inner())
    }

    #[tokio::test]
    async fn an_import_waits_for_its_file_of_at_most_twenty_mebibytes() {
        let (answer, import) = create("[admin]").await;
        let (answer, import) = (answer.unwrap(), import.unwrap());
        let new = testkit::json(&answer);
        assert_eq!((answer.status().as_u16(), &new["status"], &new["created"]), (201, &json!("waiting"), &json!(0)));
        assert_eq!(answer.header_value("Location"), Some(format!("/v1/admin/imports/{}", import.id).as_str()));
        assert_eq!(new["upload"]["fields"]["key"], json!(format!("imports/{}.csv", import.id)));
        assert_eq!(new["upload"]["fields"]["Content-Type"], "text/csv");
        let policy = STANDARD.decode(new["upload"]["fields"]["policy"].as_str().unwrap()).unwrap();
        let policy: Value = serde_json::from_slice(&policy).unwrap();
        let length = json!(["content-length-range", 1, 20_971_520]);
        assert!(policy["conditions"].as_array().unwrap().contains(&length));
    }

    #[tokio::test]
    async fn only_admins_import() {
        for groups in ["[support]", "[warehouse]", "[]"] {
            let (refused, import) = create(groups).await;
            assert_eq!((refused.unwrap_err().code(), import), (Code::Forbidden, None));
        }
    }
}
