//! `PATCH /admin/products/{id}`: some of a product, as staff want it; the rest stays.

use api::{AuditEntry, Group, Problem, Request, Response, StatusCode};
use kernel::{ProductId, Sku};

use crate::domain::{ProductChange, ProductDraft};
use crate::handlers::edits::{Change, Deps, LoadStored, SaveEdit, answer, change};

pub async fn handle(deps: &Deps<impl LoadStored + SaveEdit>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let id: ProductId = request.path_parameter("id")?;
    let checked = |draft: ProductDraft| draft.of_a_change().check(deps.currency);
    let wanted: ProductChange = request.json_or_draft(checked)?;
    wanted.check().map_err(Problem::invalid)?;
    let extra: Vec<Sku> = wanted.variants().map(|variant| variant.sku.clone()).collect();
    let audit = AuditEntry::new(&request, &staff, (deps.now)(), "update_product", id, &wanted.fields());
    let edit =
        change(deps, &request, Change { id, audit: &audit, extra: &extra }, |stored| Ok(wanted.onto(stored))).await?;
    Ok(answer(StatusCode::OK, &edit))
}

#[cfg(test)]
mod tests {
    use api::Code;
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures;
    use crate::handlers::edits::NotSaved;
    use crate::handlers::edits::fakes::{Shop, staff_request};

    async fn patch(shop: &Shop, etag: &str, body: Value) -> Result<Response, Problem> {
        handle(&shop.deps(), staff_request("PATCH", "").header("if-match", etag).json(body).build()).await
    }

    fn shop() -> Shop {
        Shop::with(fixtures::stored_tea())
    }

    #[tokio::test]
    async fn what_is_given_changes_and_the_rest_stays() {
        let shop = shop();
        let answer = patch(&shop, "\"3\"", json!({ "title": "Assam" })).await.unwrap();
        let product = testkit::json(&answer);
        assert_eq!((&product["title"], &product["slug"]), (&json!("Assam"), &json!("darjeeling")));
        assert_eq!(answer.header_value("ETag"), Some("\"4\""));
        assert_eq!(shop.fields(), ["title"]);
    }

    #[tokio::test]
    async fn of_two_who_change_one_product_the_second_is_told_so() {
        for seen in ["\"2\"", "\"4\"", "W/\"3\""] {
            let shop = shop();
            let refused = patch(&shop, seen, json!({ "title": "Assam" })).await.unwrap_err();
            assert_eq!((refused.code(), shop.saved()), (Code::VersionMismatch, None), "{seen}");
        }
        let request = staff_request("PATCH", "").json(json!({ "title": "Assam" })).build();
        assert_eq!(handle(&shop().deps(), request).await.unwrap_err().code(), Code::IfMatchMissing);
    }

    #[tokio::test]
    async fn who_is_overtaken_between_reading_and_writing_is_told_so_too() {
        let shop = shop().overtaken(true);
        let refused = patch(&shop, "\"3\"", json!({ "title": "Assam" })).await.unwrap_err();
        assert_eq!((refused.code(), shop.saved()), (Code::VersionMismatch, None));
    }

    #[tokio::test]
    async fn an_order_that_comes_between_is_no_reason_to_refuse() {
        let shop = shop().overtaken(false);
        patch(&shop, "\"3\"", json!({ "title": "Assam" })).await.unwrap();
        assert_eq!(shop.saved().unwrap().product.title.as_str(), "Assam");
    }

    #[tokio::test]
    async fn what_is_taken_or_gone_is_told_with_its_place() {
        for (refusal, code, pointer) in [
            (NotSaved::SlugTaken, Code::SlugTaken, "/slug"),
            (NotSaved::CategoryGone, Code::CategoryNotFound, "/category_id"),
            (NotSaved::SkuTaken("TEA-100".parse().unwrap()), Code::SkuTaken, "/variants/0/sku"),
        ] {
            let shop = shop().refusing(refusal);
            let refused = patch(&shop, "\"3\"", json!({ "slug": "assam" })).await.unwrap_err();
            assert_eq!((refused.code(), refused.faults()[0].pointer.as_str()), (code, pointer));
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_does_not_hide_what_else_is_wrong() {
        let shop = shop();
        let price = json!({ "amount": -1, "currency": "EUR" });
        let variant = json!({ "sku": "TEA-100", "options": { "Size": "L" }, "price": price });
        let body = json!({ "slug": "Not A Slug", "tags": ["black", "black"], "variants": [variant, {}] });
        let refused = patch(&shop, "\"3\"", body).await.unwrap_err();
        let found: Vec<&str> = refused.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        let expected = ["/variants/1/sku", "/variants/1/price", "/slug", "/tags/1", "/variants/0/price/amount"];
        assert_eq!((found, shop.saved()), (expected.to_vec(), None));
    }

    #[tokio::test]
    async fn a_change_of_nothing_and_of_what_is_not_there_are_refused() {
        assert_eq!(patch(&shop(), "\"3\"", json!({})).await.unwrap_err().code(), Code::ValidationFailed);
        let nowhere = patch(&Shop::default(), "\"3\"", json!({ "title": "Assam" })).await.unwrap_err();
        assert_eq!(nowhere.code(), Code::NotFound);
    }

    #[tokio::test]
    async fn only_admins_change_products() {
        let request = staff_request("PATCH", "").authorized(fixtures::STAFF, "[support]");
        let refused = handle(&shop().deps(), request.json(json!({ "title": "Assam" })).build()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Forbidden);
    }
}
