//! `PUT /admin/products/{id}`: all of a product with all its variants, as staff want them.

use api::{AuditEntry, Group, Problem, Request, Response, StatusCode};
use kernel::{ProductId, Sku};

use crate::domain::{ProductDraft, ProductInput};
use crate::handlers::edits::{Change, Deps, LoadStored, SaveEdit, answer, change};

const FIELDS: [&str; 10] =
    ["slug", "title", "description", "category_id", "status", "tags", "attributes", "tax_class", "options", "variants"];

pub async fn handle(deps: &Deps<impl LoadStored + SaveEdit>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let id: ProductId = request.path_parameter("id")?;
    let wanted: ProductInput = request.json_or_draft(|draft: ProductDraft| draft.check(deps.currency))?;
    let extra: Vec<Sku> = wanted.variants.iter().map(|variant| variant.sku.clone()).collect();
    let audit = AuditEntry::new(&request, &staff, (deps.now)(), "replace_product", id, &FIELDS);
    let edit = change(deps, &request, Change { id, audit: &audit, extra: &extra }, |_| Ok(wanted.clone())).await?;
    Ok(answer(StatusCode::OK, &edit))
}

#[cfg(test)]
mod tests {
    use api::Code;
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures;
    use crate::handlers::edits::fakes::{Shop, staff_request};

    async fn put(shop: &Shop, body: Value) -> Result<Response, Problem> {
        handle(&shop.deps(), staff_request("PUT", "").header("if-match", "\"3\"").json(body).build()).await
    }

    #[tokio::test]
    async fn what_is_left_out_is_as_in_a_new_product() {
        let shop = Shop::with(fixtures::stored_tea());
        let mut body = fixtures::tea_body();
        body.as_object_mut().unwrap().remove("tags");
        let answer = put(&shop, body).await.unwrap();
        let saved = shop.saved().unwrap();
        assert_eq!((saved.product.tags.len(), answer.header_value("ETag")), (0, Some("\"4\"")));
        assert_eq!(shop.fields().len(), FIELDS.len());
    }

    #[tokio::test]
    async fn a_product_that_is_as_wanted_is_not_written() {
        let shop = Shop::with(fixtures::stored_tea());
        let answer = put(&shop, fixtures::tea_body()).await.unwrap();
        assert_eq!((shop.saved(), answer.header_value("ETag")), (None, Some("\"3\"")));
    }

    #[tokio::test]
    async fn all_variants_may_be_other_ones() {
        let shop = Shop::with(fixtures::stored_tea());
        let answer = put(&shop, fixtures::tea_in_sizes(2)).await.unwrap();
        let product = testkit::json(&answer);
        assert_eq!((&product["variants"][1]["sku"], shop.saved().unwrap().offers.len()), (&json!("TEA-20"), 3));
    }

    #[tokio::test]
    async fn what_is_faulty_is_not_written() {
        let shop = Shop::with(fixtures::stored_tea());
        let mut body = fixtures::tea_body();
        body["variants"] = json!([]);
        let refused = put(&shop, body).await.unwrap_err();
        assert_eq!((refused.code(), refused.faults()[0].pointer.as_str()), (Code::ValidationFailed, "/variants"));
        assert_eq!(shop.saved(), None);
    }

    #[tokio::test]
    async fn what_cannot_be_read_does_not_hide_what_else_is_wrong() {
        let shop = Shop::with(fixtures::stored_tea());
        let mut body = fixtures::tea_body();
        body["title"] = json!("");
        body["variants"] = json!([]);
        let refused = put(&shop, body).await.unwrap_err();
        let found: Vec<&str> = refused.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!((found, shop.saved()), (vec!["/title", "/variants"], None));
    }
}
