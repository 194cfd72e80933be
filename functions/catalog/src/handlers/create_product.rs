//! `POST /admin/products`: a new product with its variants.

use api::{AuditEntry, Code, Group, Problem, Request, Response, Staff};
use dynamo::WriteError;
use events::{Envelope, ProductChanged};
use kernel::{Currency, EventId, Fault, ProductId, Sku, Timestamp, Ulid};

use crate::domain::{NewProduct, Offer, Product};
use crate::handlers::list_categories::LoadCategories;
use crate::views::ProductView;

/// Writes the product, its offers and listings, with the audit entry and the event.
pub trait InsertProduct {
    async fn insert_product(
        &self,
        product: &Product,
        offers: &[Offer],
        audit: &AuditEntry,
        event: &Envelope<ProductChanged>,
    ) -> Result<(), WriteError<NotCreated>>;
}

/// Why a product was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotCreated {
    SlugTaken,
    SkuTaken(Sku),
    CategoryGone,
    /// A new id was not new.
    Clash,
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
    pub currency: Currency,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

const FIELDS: [&str; 9] =
    ["slug", "title", "description", "category_id", "status", "tags", "tax_class", "options", "variants"];

pub async fn handle(deps: &Deps<impl LoadCategories + InsertProduct>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let new: NewProduct = request.json()?;
    new.check(deps.currency).map_err(Problem::invalid)?;
    let path = deps.catalog.load_categories().await?.path(new.category_id);
    let path = path.map_err(|_| category_not_found())?;
    let now = (deps.now)();
    let (product, offers) = new.into_product(ProductId::new((deps.new_id)()), path, now);
    let audit = AuditEntry::new(&request, &staff, now, "create_product", product.id, &FIELDS);
    let event = Envelope::new(EventId::new((deps.new_id)()), now, request.trace().clone(), 1, product.changed());
    match deps.catalog.insert_product(&product, &offers, &audit, &event).await {
        Ok(()) => Ok(Response::created(&format!("/products/{}", product.id), &ProductView::of(product, offers))),
        Err(WriteError::Refused(reasons)) => Err(refusal(&reasons, &product)),
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}

fn refusal(reasons: &[NotCreated], product: &Product) -> Problem {
    if reasons.contains(&NotCreated::SlugTaken) {
        return Problem::new(Code::SlugTaken).at("/slug");
    }
    if reasons.contains(&NotCreated::CategoryGone) {
        return category_not_found();
    }
    let taken =
        product.skus.iter().enumerate().filter(|(_, sku)| reasons.contains(&NotCreated::SkuTaken((*sku).clone())));
    let faults: Vec<Fault> = taken
        .map(|(at, sku)| Fault {
            pointer: format!("/variants/{at}/sku"),
            code: Code::SkuTaken.as_str(),
            detail: format!("The SKU {sku} is in use.").into(),
        })
        .collect();
    if faults.is_empty() {
        return Problem::internal("a new id was in use already");
    }
    Problem::new(Code::SkuTaken).with_faults(faults)
}

fn category_not_found() -> Problem {
    Problem::new(Code::CategoryNotFound).at("/category_id")
}

#[cfg(test)]
mod tests {
    use dynamo::StoreError;
    use serde_json::{Value, json};
    use testkit::request;

    use super::*;
    use crate::domain::{NewCategory, Tree};
    use crate::fixtures;

    struct Fake {
        refusals: Vec<NotCreated>,
    }

    impl LoadCategories for Fake {
        async fn load_categories(&self) -> Result<Tree, StoreError> {
            let tea: NewCategory = serde_json::from_value(json!({ "slug": "tea", "title": "Tea" })).unwrap();
            Ok(Tree::new([tea.into_category(fixtures::category_id())]))
        }
    }

    impl InsertProduct for Fake {
        async fn insert_product(
            &self,
            product: &Product,
            _: &[Offer],
            _: &AuditEntry,
            event: &Envelope<ProductChanged>,
        ) -> Result<(), WriteError<NotCreated>> {
            assert_eq!(event.data.product_id, product.id);
            if self.refusals.is_empty() { Ok(()) } else { Err(WriteError::Refused(self.refusals.clone())) }
        }
    }

    async fn create(refusals: &[NotCreated], group: &str, body: Value) -> Result<Response, Problem> {
        let deps = Deps {
            catalog: Fake { refusals: refusals.to_vec() },
            staff: testkit::auth::staff(),
            currency: Currency::EUR,
            now: fixtures::now,
            new_id: fixtures::new_id,
        };
        let request = request::post("/admin/products").authorized(fixtures::STAFF, group).json(body);
        handle(&deps, request.build()).await
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
        let location = format!("/v1/products/{}", product["id"].as_str().unwrap());
        assert_eq!((response.status().as_u16(), response.header_value("Location")), (201, Some(location.as_str())));
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
    async fn the_category_must_be_there() {
        let elsewhere = spoiled("/category_id", json!("cat_01JH8Z6V0W4T3N9Q2RSKX7M5CD"));
        assert_eq!(create(&[], "[admin]", elsewhere).await.unwrap_err().code(), Code::CategoryNotFound);
        let gone = create(&[NotCreated::CategoryGone], "[admin]", fixtures::tea_body()).await.unwrap_err();
        assert_eq!(gone.faults()[0].pointer, "/category_id");
    }

    #[tokio::test]
    async fn what_is_taken_is_named_the_slug_before_the_skus() {
        let sku = NotCreated::SkuTaken(Sku::parse("TEA-100").unwrap());
        let refused = create(std::slice::from_ref(&sku), "[admin]", fixtures::tea_body()).await.unwrap_err();
        assert_eq!((refused.code(), refused.faults()[0].pointer.as_str()), (Code::SkuTaken, "/variants/0/sku"));
        let refused = create(&[sku, NotCreated::SlugTaken], "[admin]", fixtures::tea_body()).await.unwrap_err();
        assert_eq!(refused.code(), Code::SlugTaken);
    }
}
