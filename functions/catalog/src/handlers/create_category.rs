//! `POST /admin/categories`: a new shelf.

use api::{AuditEntry, Code, Group, Problem, Request, Response, Staff, StatusCode};
use dynamo::WriteError;
use kernel::{CategoryId, Fault, Timestamp, Ulid};

use crate::domain::{Category, NewCategory, NoPlace};
use crate::handlers::list_categories::LoadCategories;

/// Writes the category with its audit entry.
pub trait InsertCategory {
    async fn insert_category(
        &self,
        category: &Category,
        audit: &AuditEntry,
        audit_id: Ulid,
    ) -> Result<(), WriteError<NotCreated>>;
}

/// Why a category was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCreated {
    SlugTaken,
    ParentGone,
    /// A new id was not new.
    Clash,
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

pub async fn handle(deps: &Deps<impl LoadCategories + InsertCategory>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let new: NewCategory = request.json()?;
    if let Some(parent) = new.parent_id {
        deps.catalog.load_categories().await?.place_below(parent).map_err(no_place)?;
    }
    let category = new.into_category(CategoryId::new((deps.new_id)()));
    let fields = ["slug", "title", "parent_id", "position"];
    let audit = AuditEntry::new(&request, &staff, (deps.now)(), "create_category", category.id, &fields);
    let written = deps.catalog.insert_category(&category, &audit, (deps.new_id)()).await;
    written.map_err(|error| error.on_refused(refusal))?;
    Ok(Response::new(StatusCode::CREATED, &category))
}

fn no_place(reason: NoPlace) -> Problem {
    match reason {
        NoPlace::Unknown => parent_not_found(),
        NoPlace::TooDeep => Problem::invalid(vec![Fault {
            pointer: "/parent_id".to_owned(),
            code: "too_deep",
            detail: reason.to_string().into(),
        }]),
    }
}

fn refusal(reason: NotCreated) -> Problem {
    match reason {
        NotCreated::SlugTaken => Problem::new(Code::SlugTaken).at("/slug"),
        NotCreated::ParentGone => parent_not_found(),
        NotCreated::Clash => Problem::internal("a new id was in use already"),
    }
}

fn parent_not_found() -> Problem {
    Problem::new(Code::CategoryNotFound).at("/parent_id")
}

#[cfg(test)]
mod tests {
    use dynamo::StoreError;
    use serde_json::{Value, json};
    use testkit::request;

    use super::*;
    use crate::domain::Tree;
    use crate::fixtures;

    struct Fake {
        refusal: Option<NotCreated>,
    }

    impl LoadCategories for Fake {
        async fn load_categories(&self) -> Result<Tree, StoreError> {
            Ok(Tree::default())
        }
    }

    impl InsertCategory for Fake {
        async fn insert_category(&self, _: &Category, _: &AuditEntry, _: Ulid) -> Result<(), WriteError<NotCreated>> {
            self.refusal.map_or(Ok(()), |refusal| Err(WriteError::Refused(vec![refusal])))
        }
    }

    async fn create(refusal: Option<NotCreated>, group: &str, body: Value) -> Result<Response, Problem> {
        let staff = testkit::auth::staff();
        let deps = Deps { catalog: Fake { refusal }, staff, now: fixtures::now, new_id: fixtures::new_id };
        let request = request::post("/admin/categories").authorized(fixtures::STAFF, group).json(body);
        handle(&deps, request.build()).await
    }

    #[tokio::test]
    async fn a_new_category_is_answered_as_it_is_listed() {
        let response = create(None, "[admin]", json!({ "slug": "tea", "title": " Tea " })).await.unwrap();
        let id = CategoryId::new(fixtures::new_id());
        let expected = json!({ "id": id, "slug": "tea", "title": "Tea", "parent_id": null, "position": 0 });
        assert_eq!((response.status().as_u16(), testkit::json(&response)), (201, expected));
    }

    #[tokio::test]
    async fn only_admins_create_categories() {
        let refused = create(None, "[warehouse]", json!({ "slug": "tea", "title": "Tea" })).await.unwrap_err();
        assert_eq!(refused.code(), Code::Forbidden);
    }

    #[tokio::test]
    async fn the_parent_must_be_there() {
        let body = json!({ "slug": "green", "title": "Green", "parent_id": fixtures::category_id() });
        let refused = create(None, "[admin]", body).await.unwrap_err();
        assert_eq!((refused.code(), refused.faults()[0].pointer.as_str()), (Code::CategoryNotFound, "/parent_id"));
    }

    #[tokio::test]
    async fn a_slug_belongs_to_one_category() {
        let body = json!({ "slug": "tea", "title": "Tea" });
        let refused = create(Some(NotCreated::SlugTaken), "[admin]", body).await.unwrap_err();
        assert_eq!(refused.code(), Code::SlugTaken);
    }
}
