//! `PUT /admin/categories/{id}`: another name, place or audience of a category. What is below it moves along, and lists follow.

use api::{AuditEntry, Code, Group, Problem, Request, Response, Staff};
use dynamo::WriteError;
use events::{CategoryChanged, Envelope};
use kernel::{CategoryId, EventId, Timestamp, Ulid};
use tracing::info;

use crate::domain::{Category, NewCategory};
use crate::handlers::categories::{answer, no_place, slug_taken};
use crate::handlers::tree::{LoadTree, TRIES};

/// Writes what is different, with its audit entry.
pub trait SaveCategory {
    async fn save_category(&self, saving: Saving<'_>) -> Result<(), WriteError<NotSaved>>;
}

/// What a change writes.
pub struct Saving<'a> {
    /// As it was read.
    pub before: &'a Category,
    pub after: &'a Category,
    /// As the tree was read.
    pub tree_version: Option<u64>,
    pub audit: &'a AuditEntry,
    pub audit_id: Ulid,
    /// If lists have to follow.
    pub event: Option<&'a Envelope<CategoryChanged>>,
}

/// Why a change was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSaved {
    SlugTaken,
    /// The category or the tree is no longer what was read.
    Changed,
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

pub async fn handle(deps: &Deps<impl LoadTree + SaveCategory>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let id: CategoryId = request.path_parameter("id")?;
    let new: NewCategory = request.json()?;
    let now = (deps.now)();
    let audit = AuditEntry::new(&request, &staff, now, "update_category", id, &NewCategory::FIELDS);
    for _ in 0..TRIES {
        let grown = deps.catalog.load_tree().await?;
        let before = grown.tree.get(id).ok_or_else(|| Problem::new(Code::NotFound))?;
        request.if_match(before.version)?;
        if !before.is_open() {
            return Err(Problem::new(Code::CategoryClosing));
        }
        if new.parent_id != before.parent_id {
            grown.tree.place(id, new.parent_id).map_err(no_place)?;
        }
        let mut after = Category { version: before.version, ..new.clone().into_category(id) };
        if after == *before {
            return Ok(answer(after));
        }
        let event = before.relists(&after).then(|| {
            let data = CategoryChanged { category_id: id };
            Envelope::new(EventId::new((deps.new_id)()), now, request.trace().clone(), before.version + 1, data)
        });
        let (audit_id, event) = ((deps.new_id)(), event.as_ref());
        let saving = Saving { before, after: &after, tree_version: grown.version, audit: &audit, audit_id, event };
        match deps.catalog.save_category(saving).await {
            Ok(()) => {
                info!(category.id = %id, relists = event.is_some(), "staff changed category {id}");
                after.version += 1;
                return Ok(answer(after));
            }
            // Whoever was overtaken as well hears of that first: the slug may be the category's own by now.
            Err(WriteError::Refused(reasons)) if !reasons.contains(&NotSaved::Changed) => return Err(slug_taken()),
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

    struct Fake {
        shelves: Shelves,
        is_slug_taken: bool,
        announced: Mutex<Vec<CategoryId>>,
    }

    impl LoadTree for Fake {
        async fn load_tree(&self) -> Result<Grown, StoreError> {
            self.shelves.load_tree().await
        }
    }

    impl SaveCategory for Fake {
        async fn save_category(&self, saving: Saving<'_>) -> Result<(), WriteError<NotSaved>> {
            assert_eq!(saving.tree_version, Some(7), "under the version that was read");
            let raced = self.shelves.race(NotSaved::Changed);
            if self.is_slug_taken {
                let overtaken = raced.is_err().then_some(NotSaved::Changed);
                return Err(WriteError::Refused([NotSaved::SlugTaken].into_iter().chain(overtaken).collect()));
            }
            raced?;
            self.announced.lock().unwrap().extend(saving.event.map(|event| event.data.category_id));
            self.shelves.put(Category { version: saving.before.version + 1, ..saving.after.clone() });
            Ok(())
        }
    }

    fn deps(shelves: Shelves) -> Deps<Fake> {
        let catalog = Fake { shelves, is_slug_taken: false, announced: Mutex::default() };
        Deps { catalog, staff: testkit::auth::staff(), now: fixtures::now, new_id: fixtures::new_id }
    }

    async fn put(deps: &Deps<Fake>, etag: &str, body: Value) -> Result<Response, Problem> {
        let id = fixtures::category_id();
        let request = request::put(&format!("/admin/categories/{id}")).path_parameter("id", id);
        handle(deps, request.authorized(fixtures::STAFF, "[admin]").header("If-Match", etag).json(body).build()).await
    }

    fn tea(parent: Option<CategoryId>, status: &str) -> Value {
        json!({ "slug": "tea", "title": "tea", "parent_id": parent, "position": 0, "status": status })
    }

    #[tokio::test]
    async fn lists_follow_when_a_category_moves_or_is_shown_to_others() {
        for (body, follow) in [
            (tea(Some(fixtures::other_category_id()), "active"), 1),
            (tea(None, "draft"), 1),
            (json!({ "slug": "teas", "title": "Teas", "position": 3 }), 0),
        ] {
            let deps = deps(Shelves::tea());
            let response = put(&deps, "\"1\"", body).await.unwrap();
            assert_eq!(response.header_value("ETag"), Some("\"2\""));
            assert_eq!(deps.catalog.announced.into_inner().unwrap().len(), follow);
        }
    }

    #[tokio::test]
    async fn the_same_again_writes_nothing() {
        let deps = deps(Shelves::tea().refusing(99));
        let response = put(&deps, "\"1\"", tea(None, "active")).await.unwrap();
        assert_eq!(response.header_value("ETag"), Some("\"1\""));
    }

    #[tokio::test]
    async fn a_change_is_of_the_version_that_was_read() {
        let deps = deps(Shelves::tea());
        let refused = put(&deps, "\"2\"", tea(None, "draft")).await.unwrap_err();
        assert_eq!(refused.code(), Code::VersionMismatch);
    }

    #[tokio::test]
    async fn a_category_is_not_put_below_itself() {
        let refused = put(&deps(Shelves::tea()), "*", tea(Some(fixtures::category_id()), "active")).await.unwrap_err();
        let fault = &refused.faults()[0];
        assert_eq!((fault.pointer.as_str(), fault.code), ("/parent_id", "category_cycle"));
    }

    #[tokio::test]
    async fn what_is_being_deleted_does_not_change_any_more() {
        let refused = put(&deps(Shelves::tea().closing(None)), "*", tea(None, "draft")).await.unwrap_err();
        assert_eq!(refused.code(), Code::CategoryClosing);
    }

    #[tokio::test]
    async fn a_slug_belongs_to_one_category() {
        let mut deps = deps(Shelves::tea());
        deps.catalog.is_slug_taken = true;
        let refused = put(&deps, "*", json!({ "slug": "coffee", "title": "Tea" })).await.unwrap_err();
        assert_eq!((refused.code(), refused.faults()[0].pointer.as_str()), (Code::SlugTaken, "/slug"));
    }

    #[tokio::test]
    async fn whoever_is_slower_looks_again_even_if_the_slug_was_taken_meanwhile() {
        let mut deps = deps(Shelves::tea().refusing(TRIES));
        deps.catalog.is_slug_taken = true;
        let busy = put(&deps, "*", json!({ "slug": "coffee", "title": "Tea" })).await.unwrap_err();
        assert_eq!(busy.code(), Code::TryAgain);
    }

    #[tokio::test]
    async fn whoever_is_slower_looks_again_but_not_for_ever() {
        assert!(put(&deps(Shelves::tea().refusing(TRIES - 1)), "*", tea(None, "draft")).await.is_ok());
        let busy = put(&deps(Shelves::tea().refusing(TRIES)), "*", tea(None, "draft")).await.unwrap_err();
        assert_eq!(busy.code(), Code::TryAgain);
    }
}
