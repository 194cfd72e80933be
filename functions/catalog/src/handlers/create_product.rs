//! `POST /admin/products`: a new product with its variants.

use api::idempotency::{Claim, Record};
use api::{AuditEntry, Code, Group, Problem, Request, Response};
use dynamo::{Key, Row, StoreError, WriteError};
use kernel::{EventId, ProductId, Timestamp};

use crate::domain::{ProductDraft, ProductInput, edit};
use crate::handlers::edits::{Deps, SaveEdit, Saving, refusal};
use crate::views::AdminProductView;

/// Tries when a SKU is freed at the same time, or the same request is made twice.
const TRIES: u32 = 5;

/// The answer that was given under an `Idempotency-Key`.
pub trait LoadAnswer {
    async fn load_answer(&self, key: Key) -> Result<Option<Row<Record>>, StoreError>;
}

const FIELDS: [&str; 10] =
    ["slug", "title", "description", "category_id", "status", "tags", "attributes", "tax_class", "options", "variants"];

pub async fn handle(deps: &Deps<impl LoadAnswer + SaveEdit>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let wanted: ProductInput = request.json_or_draft(|draft: ProductDraft| draft.check(deps.currency))?;
    let claim = Claim::read_if_given(&request, "POST /admin/products", &format!("user:{}", staff.id))?;
    let moment = deps.zone.moment((deps.now)());
    let id = ProductId::new((deps.new_id)());
    let edit = edit::create(id, wanted, deps.currency, moment).map_err(Problem::invalid)?;
    let audit = AuditEntry::new(&request, &staff, moment.at, "create_product", id, &FIELDS);
    let view = AdminProductView::of(edit.product.clone(), edit.variants.clone());
    let response = Response::created(&format!("/admin/products/{id}"), &view).versioned(edit.version_after());
    for _ in 0..TRIES {
        if let Some(answer) = answered(deps, claim.as_ref(), moment.at).await? {
            return Ok(answer);
        }
        let answer = claim.as_ref().map(|claim| (claim, &response));
        let event_id = EventId::new((deps.new_id)());
        let (trace, at) = (request.trace(), moment.at);
        let saving = Saving { edit: &edit, audit: &audit, event_id, trace, at, image: None, answer };
        match deps.catalog.save_edit(saving).await {
            Ok(()) => return Ok(response),
            Err(WriteError::Store(error)) => return Err(error.into()),
            Err(WriteError::Refused(reasons)) => {
                if let Some(problem) = refusal(&reasons, &edit) {
                    // What is in the way may be what this very request made when it was sent before.
                    return answered(deps, claim.as_ref(), moment.at).await?.ok_or(problem);
                }
            }
        }
    }
    Err(Problem::new(Code::TryAgain))
}

/// What the request with this key was answered, if it was.
async fn answered<S: LoadAnswer>(
    deps: &Deps<S>,
    claim: Option<&Claim>,
    now: Timestamp,
) -> Result<Option<Response>, Problem> {
    let Some(claim) = claim else { return Ok(None) };
    claim.replay(deps.catalog.load_answer(claim.key()).await?, now)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use kernel::{Currency, Sku};
    use serde_json::{Value, json};
    use testkit::request;

    use super::*;
    use crate::fixtures;
    use crate::handlers::edits::NotSaved;

    /// Refuses once for each list of reasons, then takes everything.
    #[derive(Default)]
    struct Fake {
        refusals: RefCell<Vec<Vec<NotSaved>>>,
        answered: RefCell<Option<Row<Record>>>,
        /// What is refused was written a moment ago by the same request, sent twice.
        is_sent_twice: bool,
    }

    impl LoadAnswer for Fake {
        async fn load_answer(&self, _: Key) -> Result<Option<Row<Record>>, StoreError> {
            Ok(self.answered.borrow().clone())
        }
    }

    impl SaveEdit for Fake {
        async fn save_edit(&self, saving: Saving<'_>) -> Result<(), WriteError<NotSaved>> {
            let refusal = self.refusals.borrow_mut().pop();
            assert!(saving.edit.before.is_none());
            if refusal.is_none() || self.is_sent_twice {
                let record = saving.answer.map(|(claim, response)| claim.answered(response, saving.at));
                self.answered.replace(record.map(|record| Row::new(Key::new("IDEM", "IDEM"), record)));
            }
            refusal.map_or(Ok(()), |reasons| Err(WriteError::Refused(reasons)))
        }
    }

    fn deps(refusals: &[&[NotSaved]]) -> Deps<Fake> {
        let refusals = RefCell::new(refusals.iter().map(|reasons| reasons.to_vec()).collect());
        Deps {
            catalog: Fake { refusals, ..Fake::default() },
            staff: testkit::auth::staff(),
            currency: Currency::EUR,
            zone: fixtures::zone(),
            now: fixtures::now,
            new_id: fixtures::new_id,
        }
    }

    async fn create(refusals: &[&[NotSaved]], group: &str, body: Value) -> Result<Response, Problem> {
        let request = request::post("/admin/products").authorized(fixtures::STAFF, group).json(body);
        handle(&deps(refusals), request.build()).await
    }

    fn spoiled(pointer: &str, value: Value) -> Value {
        let mut body = fixtures::tea_body();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    }

    #[tokio::test]
    async fn a_new_product_is_answered_whole_and_says_where_it_is() {
        let response = create(&[], "[admin]", fixtures::tea_body()).await.unwrap();
        let product = testkit::json(&response);
        let location = format!("/v1/admin/products/{}", product["id"].as_str().unwrap());
        assert_eq!((response.status().as_u16(), response.header_value("Location")), (201, Some(location.as_str())));
        assert_eq!(response.header_value("ETag"), Some("\"1\""));
        assert_eq!((&product["variants"][0]["available"], &product["images"]), (&json!(0), &json!([])));
    }

    #[tokio::test]
    async fn only_admins_create_products() {
        let refused = create(&[], "[support]", fixtures::tea_body()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Forbidden);
    }

    #[tokio::test]
    async fn faults_of_parts_and_of_the_whole_come_with_pointers() {
        for (pointer, value, expected) in [
            ("/slug", json!("Not A Slug"), "/slug"),
            ("/variants", json!([]), "/variants"),
            ("/variants/0/price/amount", json!("19.99"), "/variants/0/price/amount"),
            ("/variants/0/price/currency", json!("USD"), "/variants/0/price/currency"),
            ("/tax_class", json!("none"), "/tax_class"),
        ] {
            let refused = create(&[], "[admin]", spoiled(pointer, value)).await.unwrap_err();
            let found: Vec<&str> = refused.faults().iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!((refused.code(), found), (Code::ValidationFailed, vec![expected]));
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_does_not_hide_what_else_is_wrong() {
        let mut body = spoiled("/slug", json!("Not A Slug"));
        body.as_object_mut().unwrap().remove("category_id");
        body["title"] = json!("");
        body["variants"][0]["sku"] = json!("?");
        body["variants"][0]["price"]["amount"] = json!(-1);
        let refused = create(&[], "[admin]", body).await.unwrap_err();
        let found: Vec<&str> = refused.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        let expected = ["/category_id", "/slug", "/title", "/variants/0/sku", "/variants/0/price/amount"];
        assert_eq!((refused.code(), found), (Code::ValidationFailed, expected.to_vec()));
    }

    #[tokio::test]
    async fn the_category_must_be_there() {
        let gone = create(&[&[NotSaved::CategoryGone]], "[admin]", fixtures::tea_body()).await.unwrap_err();
        assert_eq!((gone.code(), gone.faults()[0].pointer.as_str()), (Code::CategoryNotFound, "/category_id"));
    }

    #[tokio::test]
    async fn all_that_is_taken_is_named_the_slug_before_the_skus() {
        let taken = |sku: &str| NotSaved::SkuTaken(Sku::parse(sku).unwrap());
        let refused = async |reasons: Vec<NotSaved>| {
            let refused = create(&[reasons.as_slice()], "[admin]", fixtures::tea_in_sizes(3)).await.unwrap_err();
            let told = refused.faults().iter().map(|fault| (fault.pointer.clone(), fault.code)).collect::<Vec<_>>();
            (refused.code(), told)
        };
        let slug = ("/slug".to_owned(), "slug_taken");
        let category = ("/category_id".to_owned(), "category_not_found");
        let sku = |at: usize| (format!("/variants/{at}/sku"), "sku_taken");
        let (first, last) = (taken("TEA-10"), taken("TEA-30"));
        assert_eq!(refused(vec![last.clone(), first.clone()]).await, (Code::SkuTaken, vec![sku(0), sku(2)]));
        let both = vec![last.clone(), NotSaved::SlugTaken, first];
        assert_eq!(refused(both).await, (Code::SlugTaken, vec![slug.clone(), sku(0), sku(2)]));
        let all = vec![NotSaved::CategoryGone, last, NotSaved::SlugTaken];
        assert_eq!(refused(all).await, (Code::SlugTaken, vec![slug, category, sku(2)]));
    }

    #[tokio::test]
    async fn a_sku_that_was_freed_meanwhile_is_taken() {
        assert!(create(&[&[NotSaved::Changed]], "[admin]", fixtures::tea_body()).await.is_ok());
        let never = [NotSaved::Changed];
        let refused = create(&[&never[..]; 5], "[admin]", fixtures::tea_body()).await.unwrap_err();
        assert_eq!(refused.code(), Code::TryAgain);
    }

    #[tokio::test]
    async fn a_request_that_is_repeated_with_its_key_creates_once() {
        let deps = deps(&[]);
        let send = |body: Value| {
            let request = request::post("/admin/products").authorized(fixtures::STAFF, "[admin]");
            handle(&deps, request.idempotency_key("k").json(body).build())
        };
        let first = send(fixtures::tea_body()).await.unwrap();
        let again = send(fixtures::tea_body()).await.unwrap();
        assert_eq!((again.body(), again.header_value("Idempotent-Replayed")), (first.body(), Some("true")));
        let other = send(spoiled("/title", json!("Assam"))).await.unwrap_err();
        assert_eq!(other.code(), Code::IdempotencyKeyReused);
    }

    #[tokio::test]
    async fn a_request_that_meets_its_own_product_is_answered_as_it_was_before() {
        let taken = [NotSaved::SkuTaken(Sku::parse("TEA-100").unwrap())];
        let mut deps = deps(&[&taken]);
        deps.catalog.is_sent_twice = true;
        let request = request::post("/admin/products").authorized(fixtures::STAFF, "[admin]");
        let request = request.idempotency_key("k").json(fixtures::tea_body()).build();
        let answer = handle(&deps, request).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.header_value("Idempotent-Replayed")), (201, Some("true")));
    }
}
