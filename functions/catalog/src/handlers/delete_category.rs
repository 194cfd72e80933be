//! `DELETE /admin/categories/{id}`: an empty category goes at once, one with products once they have moved to where they are told.

use api::{AuditEntry, Code, Group, Problem, Request, Response, Staff, StatusCode};
use dynamo::WriteError;
use events::{CategoryChanged, Envelope};
use kernel::{CategoryId, EventId, Timestamp, Ulid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{Category, Closing, Tree};
use crate::handlers::closing::{Ending, Finish, finish};
use crate::handlers::members::LoadMembers;
use crate::handlers::tree::{LoadTree, TRIES};

/// Marks a category as being deleted, and tells whoever ends what this request may leave unfinished.
pub trait CloseCategory {
    async fn close_category(&self, request: CloseRequest<'_>) -> Result<(), WriteError<()>>;
}

/// What closing writes.
pub struct CloseRequest<'a> {
    /// As it was read.
    pub category: &'a Category,
    pub closing: Closing,
    /// As the tree was read.
    pub tree_version: Option<u64>,
    pub audit: &'a AuditEntry,
    pub event: &'a Envelope<CategoryChanged>,
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    move_products_to: Option<CategoryId>,
}

/// A category that goes once its products have.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CategoryDeletion {
    /// `moving`
    status: &'static str,
}

pub async fn handle<S>(deps: &Deps<S>, request: Request) -> Result<Response, Problem>
where
    S: LoadTree + LoadMembers + CloseCategory + Finish,
{
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let id: CategoryId = request.path_parameter("id")?;
    let Asked { move_products_to: move_to } = request.query()?;
    let now = (deps.now)();
    let audit = AuditEntry::new(&request, &staff, now, "delete_category", id, &[]);
    for _ in 0..TRIES {
        let grown = deps.catalog.load_tree().await?;
        let category = grown.tree.get(id).ok_or_else(|| Problem::new(Code::NotFound))?;
        request.if_match(category.version)?;
        check(&grown.tree, category, move_to)?;
        if move_to.is_none() && !deps.catalog.load_members(id, None, 1).await?.is_empty() {
            return Err(not_empty());
        }
        let event_id = EventId::new((deps.new_id)());
        let data = CategoryChanged { category_id: id };
        let event = Envelope::new(event_id, now, request.trace().clone(), category.version + 1, data);
        let closing = Closing { move_to };
        let close = CloseRequest { category, closing, tree_version: grown.version, audit: &audit, event: &event };
        match deps.catalog.close_category(close).await {
            Ok(()) if move_to.is_some() => return Ok(moving()),
            Ok(()) => {
                return match finish(&deps.catalog, id, now).await? {
                    Ending::Gone => Ok(Response::no_content()),
                    Ending::Stays => Err(not_empty()),
                    Ending::HasProducts => Ok(moving()),
                    Ending::Busy => Err(Problem::new(Code::TryAgain)),
                };
            }
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::TryAgain))
}

fn check(tree: &Tree, category: &Category, move_to: Option<CategoryId>) -> Result<(), Problem> {
    if tree.has_children(category.id) {
        return Err(Problem::detailed(Code::CategoryNotEmpty, "The category has categories below it."));
    }
    if tree.is_awaiting_products(category.id) {
        return Err(Problem::detailed(Code::CategoryNotEmpty, "Products are on their way into the category."));
    }
    // What was asked for before may be asked for again.
    let elsewhere = category.closing.and_then(|closing| closing.move_to);
    if elsewhere.is_some() && elsewhere != move_to {
        return Err(Problem::new(Code::CategoryClosing));
    }
    let detail = match move_to.map(|target| (target, tree.get(target))) {
        Some((target, _)) if target == category.id => {
            "'move_products_to' must be another category than the one that goes."
        }
        Some((_, None)) => "There is no category with the id in 'move_products_to'.",
        Some((_, Some(target))) if !target.is_open() => "The category in 'move_products_to' is being deleted itself.",
        _ => return Ok(()),
    };
    Err(Problem::detailed(Code::CategoryNotFound, detail))
}

fn not_empty() -> Problem {
    let detail = "The category has products; say with 'move_products_to' where they go.";
    Problem::detailed(Code::CategoryNotEmpty, detail)
}

fn moving() -> Response {
    Response::new(StatusCode::ACCEPTED, &CategoryDeletion { status: "moving" })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::request;

    use super::*;
    use crate::fixtures;
    use crate::handlers::fakes::{Shelves, category};

    impl CloseCategory for Shelves {
        async fn close_category(&self, request: CloseRequest<'_>) -> Result<(), WriteError<()>> {
            assert_eq!(request.tree_version, Some(7), "under the version that was read");
            assert_eq!(request.event.data.category_id, request.category.id);
            self.race(())?;
            self.change(|category| category.closing = Some(request.closing));
            Ok(())
        }
    }

    async fn delete(shelves: Shelves, move_to: Option<CategoryId>) -> (Result<Response, Problem>, Shelves) {
        let deps =
            Deps { catalog: shelves, staff: testkit::auth::staff(), now: fixtures::now, new_id: fixtures::new_id };
        let id = fixtures::category_id();
        let request = request::delete(&format!("/admin/categories/{id}")).path_parameter("id", id);
        let request = request.authorized(fixtures::STAFF, "[admin]").header("If-Match", "\"1\"");
        let request = move_to.iter().fold(request, |request, target| request.query("move_products_to", target));
        (handle(&deps, request.build()).await, deps.catalog)
    }

    fn refused(answer: (Result<Response, Problem>, Shelves)) -> Code {
        answer.0.unwrap_err().code()
    }

    #[tokio::test]
    async fn an_empty_category_goes_at_once() {
        let (answer, shelves) = delete(Shelves::tea(), None).await;
        assert_eq!((answer.unwrap().status(), shelves.category()), (StatusCode::NO_CONTENT, None));
    }

    #[tokio::test]
    async fn a_category_with_products_stays_as_it_was() {
        let (answer, shelves) = delete(Shelves::tea().with_products(1), None).await;
        assert_eq!(answer.unwrap_err().code(), Code::CategoryNotEmpty);
        assert!(shelves.category().unwrap().is_open());
    }

    #[tokio::test]
    async fn products_are_moved_when_it_is_said_where_to() {
        let target = fixtures::other_category_id();
        let mut shelves = Shelves::tea().with_products(1);
        for _ in 0..2 {
            let (answer, after) = delete(shelves, Some(target)).await;
            let answer = answer.unwrap();
            assert_eq!((answer.status().as_u16(), testkit::json(&answer)), (202, json!({ "status": "moving" })));
            assert_eq!(after.category().unwrap().closing, Some(Closing { move_to: Some(target) }));
            shelves = after;
        }
        let elsewhere = Shelves::tea().with_products(1).closing(Some(CategoryId::new(Ulid(3))));
        assert_eq!(refused(delete(elsewhere, Some(target)).await), Code::CategoryClosing);
    }

    #[tokio::test]
    async fn products_are_not_moved_to_what_is_not_there_or_goes_itself() {
        for target in [fixtures::category_id(), CategoryId::new(Ulid(99))] {
            assert_eq!(refused(delete(Shelves::tea(), Some(target)).await), Code::CategoryNotFound);
        }
    }

    #[tokio::test]
    async fn a_category_with_others_below_it_stays_even_if_its_products_go() {
        for move_to in [None, Some(fixtures::other_category_id())] {
            let shelves = Shelves::tea();
            let below =
                Category { parent_id: Some(fixtures::category_id()), ..category(CategoryId::new(Ulid(3)), "x") };
            shelves.put(below);
            assert_eq!(refused(delete(shelves, move_to).await), Code::CategoryNotEmpty);
        }
    }

    #[tokio::test]
    async fn a_category_that_products_are_on_their_way_into_stays() {
        let shelves = Shelves::tea();
        let closing = Some(Closing { move_to: Some(fixtures::category_id()) });
        shelves.put(Category { closing, ..category(fixtures::other_category_id(), "coffee") });
        assert_eq!(refused(delete(shelves, None).await), Code::CategoryNotEmpty);
    }

    #[tokio::test]
    async fn whoever_is_slower_looks_again_but_not_for_ever() {
        assert!(delete(Shelves::tea().refusing(TRIES - 1), None).await.0.is_ok());
        assert_eq!(refused(delete(Shelves::tea().refusing(TRIES), None).await), Code::TryAgain);
    }
}
