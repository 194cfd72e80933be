//! `POST /admin/exports`: a copy of the catalogue, as a file that can be imported.

use api::{AuditEntry, Group, Problem, Request, Response, Staff, StatusCode};
use dynamo::StoreError;
use events::{Envelope, ExportRequested};
use kernel::{EventId, ExportId, Timestamp, Ulid};

use crate::domain::Export;
use crate::handlers::exports::ExportView;

pub trait InsertExport {
    async fn insert_export(
        &self,
        export: &Export,
        audit: &AuditEntry,
        event: &Envelope<ExportRequested>,
    ) -> Result<(), StoreError>;
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

pub async fn handle(deps: &Deps<impl InsertExport>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let now = (deps.now)();
    let id = ExportId::new((deps.new_id)());
    let export = Export::new(id, staff.id.clone(), request.trace().clone(), now);
    let audit = AuditEntry::new(&request, &staff, now, "create_export", id, &[]);
    let event_id = EventId::new((deps.new_id)());
    let event = Envelope::new(event_id, now, request.trace().clone(), 1, ExportRequested { export_id: id });
    deps.catalog.insert_export(&export, &audit, &event).await?;
    Ok(Response::new(StatusCode::ACCEPTED, &ExportView::of(&export, None, now)))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use api::Code;
    use testkit::request;

    use super::*;
    use crate::fixtures;

    #[derive(Default)]
    struct Fake(RefCell<Option<Export>>);

    impl InsertExport for Fake {
        async fn insert_export(
            &self,
            export: &Export,
            audit: &AuditEntry,
            event: &Envelope<ExportRequested>,
        ) -> Result<(), StoreError> {
            assert_eq!((audit.action.as_str(), event.data.export_id), ("create_export", export.id));
            self.0.replace(Some(export.clone()));
            Ok(())
        }
    }

    async fn create(groups: &str) -> (Result<Response, Problem>, Option<Export>) {
        let staff = testkit::auth::staff();
        let deps = Deps { catalog: Fake::default(), staff, now: fixtures::now, new_id: fixtures::new_id };
        let request = request::post("/admin/exports").authorized(fixtures::STAFF, groups).build();
        (handle(&deps, request).await, deps.catalog.0.into_inner())
    }

    #[tokio::test]
    async fn a_copy_is_promised_before_it_is_made() {
        let (answer, export) = create("[admin]").await;
        let (answer, export) = (answer.unwrap(), export.unwrap());
        assert_eq!((answer.status().as_u16(), &testkit::json(&answer)["status"]), (202, &"pending".into()));
        assert_eq!(testkit::json(&answer)["id"], export.id.to_string());
    }

    #[tokio::test]
    async fn only_admins_take_copies() {
        let (refused, export) = create("[support, warehouse]").await;
        assert_eq!((refused.unwrap_err().code(), export), (Code::Forbidden, None));
    }
}
