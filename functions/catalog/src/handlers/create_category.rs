//! `POST /admin/categories`: a new shelf.

use api::{AuditEntry, Code, Group, Problem, Request, Response, Staff};
use dynamo::WriteError;
use kernel::{CategoryId, Timestamp, Ulid};

use crate::domain::{Category, NewCategory};
use crate::handlers::categories::{StaffCategoryView, no_place, slug_taken};
use crate::handlers::tree::{LoadTree, TRIES};

/// Writes the category with its audit entry.
pub trait InsertCategory {
    async fn insert_category(&self, creation: Creation<'_>) -> Result<(), WriteError<NotCreated>>;
}

/// What a creation writes.
pub struct Creation<'a> {
    pub category: &'a Category,
    /// As the tree was read.
    pub tree_version: Option<u64>,
    pub audit: &'a AuditEntry,
    pub audit_id: Ulid,
}

/// Why a category was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCreated {
    SlugTaken,
    /// It is no longer what was read.
    TreeChanged,
    /// A new id was not new.
    Clash,
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

pub async fn handle(deps: &Deps<impl LoadTree + InsertCategory>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let new: NewCategory = request.json()?;
    let category = new.into_category(CategoryId::new((deps.new_id)()));
    let audit = AuditEntry::new(&request, &staff, (deps.now)(), "create_category", category.id, &NewCategory::FIELDS);
    for _ in 0..TRIES {
        let grown = deps.catalog.load_tree().await?;
        grown.tree.place_new(category.parent_id).map_err(no_place)?;
        let audit_id = (deps.new_id)();
        let creation = Creation { category: &category, tree_version: grown.version, audit: &audit, audit_id };
        match deps.catalog.insert_category(creation).await {
            Ok(()) => {
                let (place, version) = (format!("/admin/categories/{}", category.id), category.version);
                return Ok(Response::created(&place, &StaffCategoryView::of(category)).versioned(version));
            }
            Err(WriteError::Refused(reasons)) if reasons.contains(&NotCreated::SlugTaken) => return Err(slug_taken()),
            Err(WriteError::Refused(reasons)) if reasons.contains(&NotCreated::Clash) => {
                return Err(Problem::internal("a new id was in use already"));
            }
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::TryAgain))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use dynamo::StoreError;
    use serde_json::{Value, json};
    use testkit::request;

    use super::*;
    use crate::fixtures;
    use crate::handlers::fakes::Shelves;
    use crate::handlers::tree::Grown;

    /// Refuses for these reasons, one after the other.
    struct Fake(Shelves, Mutex<Vec<NotCreated>>);

    impl LoadTree for Fake {
        async fn load_tree(&self) -> Result<Grown, StoreError> {
            self.0.load_tree().await
        }
    }

    impl InsertCategory for Fake {
        async fn insert_category(&self, creation: Creation<'_>) -> Result<(), WriteError<NotCreated>> {
            assert_eq!(creation.tree_version, Some(7), "under the version that was read");
            self.1.lock().unwrap().pop().map_or(Ok(()), |refusal| Err(WriteError::Refused(vec![refusal])))
        }
    }

    async fn create(refusals: &[NotCreated], group: &str, body: Value) -> Result<Response, Problem> {
        let catalog = Fake(Shelves::tea(), Mutex::new(refusals.to_vec()));
        let deps = Deps { catalog, staff: testkit::auth::staff(), now: fixtures::now, new_id: fixtures::new_id };
        let request = request::post("/admin/categories").authorized(fixtures::STAFF, group).json(body);
        handle(&deps, request.build()).await
    }

    fn green() -> Value {
        json!({ "slug": "green", "title": " Green ", "parent_id": fixtures::category_id(), "status": "draft" })
    }

    #[tokio::test]
    async fn a_new_category_is_answered_as_staff_see_it() {
        let response = create(&[], "[admin]", green()).await.unwrap();
        let id = CategoryId::new(fixtures::new_id());
        let expected = json!({
            "id": id, "slug": "green", "title": "Green", "parent_id": fixtures::category_id(), "position": 0,
            "status": "draft", "is_closing": false,
        });
        assert_eq!((response.status().as_u16(), testkit::json(&response)), (201, expected));
        assert_eq!(response.header_value("ETag"), Some("\"1\""));
        assert_eq!(response.header_value("Location"), Some(format!("/v1/admin/categories/{id}").as_str()));
    }

    #[tokio::test]
    async fn only_admins_create_categories() {
        let refused = create(&[], "[warehouse]", green()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Forbidden);
    }

    #[tokio::test]
    async fn the_parent_must_be_there() {
        let mut body = green();
        body["parent_id"] = json!(CategoryId::new(Ulid(99)));
        let refused = create(&[], "[admin]", body).await.unwrap_err();
        assert_eq!((refused.code(), refused.faults()[0].pointer.as_str()), (Code::CategoryNotFound, "/parent_id"));
    }

    #[tokio::test]
    async fn a_slug_belongs_to_one_category() {
        let refused = create(&[NotCreated::SlugTaken], "[admin]", green()).await.unwrap_err();
        assert_eq!(refused.code(), Code::SlugTaken);
    }

    #[tokio::test]
    async fn a_tree_that_changed_meanwhile_is_read_again_but_not_for_ever() {
        assert!(create(&[NotCreated::TreeChanged; 4], "[admin]", green()).await.is_ok());
        let busy = create(&[NotCreated::TreeChanged; 5], "[admin]", green()).await.unwrap_err();
        assert_eq!(busy.code(), Code::TryAgain);
    }
}
