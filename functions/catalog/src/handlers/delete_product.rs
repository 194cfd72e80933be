//! `DELETE /admin/products/{id}`: a product goes, if nobody ever ordered or counted any of it; otherwise it is archived.

use api::{AuditEntry, Code, Group, Problem, Request, Response, StatusCode, User};
use dynamo::WriteError;
use kernel::{EventId, ProductId, Timestamp};
use telemetry::Trace;

use crate::domain::edit::{self, AT_ONCE};
use crate::domain::{Offer, ProductInput, Status, Stored};
use crate::handlers::edits::{Deps, LoadStored, NotSaved, SaveEdit, Saving, answer};

/// Tries when orders or other staff change the same product at the same time.
const TRIES: u32 = 5;

/// Removes a product of at most [`AT_ONCE`] variants, and announces it.
pub trait RemoveProduct {
    async fn remove_product(&self, removal: Removal<'_>) -> Result<(), WriteError<NotSaved>>;
}

/// What goes, and what is written instead.
#[derive(Debug, Clone, Copy)]
pub struct Removal<'a> {
    pub stored: &'a Stored,
    pub audit: &'a AuditEntry,
    pub event_id: EventId,
    pub trace: &'a Trace,
    pub at: Timestamp,
}

pub async fn handle<S: LoadStored + SaveEdit + RemoveProduct>(
    deps: &Deps<S>,
    request: Request,
) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let id: ProductId = request.path_parameter("id")?;
    // Of the product as the step before left it.
    let mut own = None;
    for _ in 0..TRIES {
        let stored = deps.catalog.load_stored(id, &[]).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
        match own {
            None => request.if_match(stored.version)?,
            Some(version) if version == stored.version => {}
            Some(_) => return Err(Problem::new(Code::VersionMismatch)),
        }
        let step = Step::of(&stored);
        match step.take(deps, &request, &staff, &stored).await? {
            Taken::Done(response) => return Ok(response),
            Taken::GoOn(version) => own = Some(version),
            Taken::Again => {}
        }
    }
    Err(Problem::new(Code::TryAgain))
}

/// What is to be done next.
enum Step {
    Archive,
    /// More variants than one transaction takes: the last ones first, out of the shoppers' sight.
    Shrink,
    Remove,
}

enum Taken {
    Done(Response),
    /// The product has this version now, and less of it is left.
    GoOn(u64),
    /// Somebody else was faster.
    Again,
}

impl Step {
    fn of(stored: &Stored) -> Self {
        if stored.product.has_retired || stored.variants().any(Offer::is_bound) {
            Self::Archive
        } else if stored.offers.len() > AT_ONCE {
            Self::Shrink
        } else {
            Self::Remove
        }
    }

    async fn take<S: SaveEdit + RemoveProduct>(
        &self,
        deps: &Deps<S>,
        request: &Request,
        staff: &User,
        stored: &Stored,
    ) -> Result<Taken, Problem> {
        let moment = deps.zone.moment((deps.now)());
        let audit = AuditEntry::new(request, staff, moment.at, "delete_product", stored.product.id, &["status"]);
        let (event_id, trace, at) = (EventId::new((deps.new_id)()), request.trace(), moment.at);
        let wanted = match self {
            Self::Archive => ProductInput { status: Status::Archived, ..stored.input() },
            Self::Shrink => {
                let mut wanted = stored.input();
                wanted.variants.truncate(AT_ONCE);
                ProductInput { status: Status::Draft, ..wanted }
            }
            Self::Remove => {
                let removal = Removal { stored, audit: &audit, event_id, trace, at };
                return Ok(match written(deps.catalog.remove_product(removal).await)? {
                    true => Taken::Done(Response::no_content()),
                    false => Taken::Again,
                });
            }
        };
        let edit = edit::apply(stored, wanted, deps.currency, moment).map_err(Problem::invalid)?;
        let saving = Saving { edit: &edit, audit: &audit, event_id, trace, at, image: None, answer: None };
        if !edit.is_nothing() && !written(deps.catalog.save_edit(saving).await)? {
            return Ok(Taken::Again);
        }
        Ok(match self {
            Self::Archive => Taken::Done(answer(StatusCode::OK, &edit)),
            Self::Shrink | Self::Remove => Taken::GoOn(edit.version_after()),
        })
    }
}

/// Whether it was written; if not, the product is worth reading anew.
fn written(result: Result<(), WriteError<NotSaved>>) -> Result<bool, Problem> {
    match result {
        Ok(()) => Ok(true),
        Err(WriteError::Refused(_)) => Ok(false),
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::handlers::edits::fakes::{Shop, staff_request};

    async fn delete(shop: &Shop) -> Result<Response, Problem> {
        handle(&shop.deps(), staff_request("DELETE", "").header("if-match", "\"3\"").build()).await
    }

    #[tokio::test]
    async fn a_product_that_nobody_ever_had_is_gone() {
        let shop = Shop::with(fixtures::stored_tea());
        assert_eq!(delete(&shop).await.unwrap().status(), StatusCode::NO_CONTENT);
        assert!(shop.is_empty());
        assert_eq!(delete(&shop).await.unwrap_err().code(), Code::NotFound);
    }

    #[tokio::test]
    async fn a_product_that_was_ordered_counted_or_lost_such_a_variant_is_archived() {
        let bind: [fn(&mut Stored); 3] = [
            |stored| stored.offers[0].offer.ordered = true,
            |stored| stored.offers[0].offer.counted = true,
            |stored| stored.product.has_retired = true,
        ];
        for bind in bind {
            let mut stored = fixtures::stored_tea();
            bind(&mut stored);
            let shop = Shop::with(stored);
            let answer = delete(&shop).await.unwrap();
            assert_eq!((answer.status(), answer.header_value("ETag")), (StatusCode::OK, Some("\"4\"")));
            assert_eq!(testkit::json(&answer)["status"], "archived");
            assert!(!shop.is_empty());
        }
    }

    #[tokio::test]
    async fn a_hundred_variants_go_in_steps() {
        let shop = Shop::with(fixtures::stored(fixtures::new_product(fixtures::tea_in_sizes(100))));
        assert_eq!(delete(&shop).await.unwrap().status(), StatusCode::NO_CONTENT);
        let draft = shop.saved().unwrap();
        assert_eq!((draft.product.status, draft.variants.len(), shop.is_empty()), (Status::Draft, 60, true));
    }

    #[tokio::test]
    async fn who_is_overtaken_by_other_staff_is_told_so_and_by_an_order_archives() {
        let shop = Shop::with(fixtures::stored_tea()).overtaken(true);
        assert_eq!(delete(&shop).await.unwrap_err().code(), Code::VersionMismatch);
        let shop = Shop::with(fixtures::stored_tea()).overtaken(false);
        assert_eq!(testkit::json(&delete(&shop).await.unwrap())["status"], "archived");
    }
}
