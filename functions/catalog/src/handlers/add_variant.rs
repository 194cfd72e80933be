//! `POST /admin/products/{id}/variants`: one more variant, behind the others. One that was retired comes back with its stock.

use api::{AuditEntry, Code, Group, Problem, Request, Response, StatusCode};
use kernel::ProductId;

use crate::domain::{VariantDraft, VariantInput};
use crate::handlers::edits::{Change, Deps, LoadStored, SaveEdit, answer, change, of_the_variant};

pub async fn handle(deps: &Deps<impl LoadStored + SaveEdit>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let id: ProductId = request.path_parameter("id")?;
    let variant: VariantInput = request.json_or_draft(|draft: VariantDraft| draft.check(None, deps.currency))?;
    let extra = [variant.sku.clone()];
    let audit = AuditEntry::new(&request, &staff, (deps.now)(), "add_variant", id, &["variants"]);
    let edit = change(deps, &request, Change { id, audit: &audit, extra: &extra }, |stored| {
        if stored.has_variant(&variant.sku) {
            return Err(Problem::new(Code::SkuTaken).at("/sku"));
        }
        let mut wanted = stored.input();
        wanted.variants.push(variant.clone());
        Ok(wanted)
    });
    Ok(answer(StatusCode::CREATED, &edit.await.map_err(of_the_variant)?))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures;
    use crate::handlers::edits::NotSaved;
    use crate::handlers::edits::fakes::{Shop, staff_request};

    /// The tea in two sizes, of which the third is not sold yet.
    fn shop() -> Shop {
        let mut body = fixtures::tea_in_sizes(3);
        body["variants"].as_array_mut().unwrap().pop();
        Shop::with(fixtures::stored(fixtures::new_product(body)))
    }

    fn variant(sku: &str, size: &str) -> Value {
        json!({ "sku": sku, "options": { "Size": size }, "price": { "amount": 700, "currency": "EUR" } })
    }

    async fn post(shop: &Shop, body: Value) -> Result<Response, Problem> {
        handle(&shop.deps(), staff_request("POST", "/variants").header("if-match", "\"3\"").json(body).build()).await
    }

    #[tokio::test]
    async fn a_variant_is_added_behind_the_others() {
        let shop = shop();
        let answer = post(&shop, variant("TEA-30", "30 g")).await.unwrap();
        let product = testkit::json(&answer);
        assert_eq!((answer.status(), answer.header_value("ETag")), (StatusCode::CREATED, Some("\"4\"")));
        assert_eq!(
            (&product["variants"][2]["sku"], &product["variants"][2]["title"]),
            (&json!("TEA-30"), &json!("30 g"))
        );
        assert_eq!(shop.saved().unwrap().offers.len(), 1);
    }

    #[tokio::test]
    async fn faults_point_into_the_variant() {
        for (sku, size, price, pointer) in [
            ("TEA-30", "30 g", -1, "/price/amount"),
            ("TEA-30", "20 g", 700, "/options"),
            ("TEA-30", "1 kg", 700, "/options/Size"),
        ] {
            let mut body = variant(sku, size);
            body["price"]["amount"] = json!(price);
            let refused = post(&shop(), body).await.unwrap_err();
            assert_eq!((refused.code(), refused.faults()[0].pointer.as_str()), (Code::ValidationFailed, pointer));
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_does_not_hide_what_else_is_wrong() {
        let mut body = variant("?", "30 g");
        body["price"]["amount"] = json!(-1);
        let shop = shop();
        let refused = post(&shop, body).await.unwrap_err();
        let found: Vec<&str> = refused.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!((found, shop.saved()), (vec!["/sku", "/price/amount"], None));
    }

    #[tokio::test]
    async fn a_sku_of_any_product_is_taken() {
        let own = post(&shop(), variant("TEA-20", "30 g")).await.unwrap_err();
        let foreign = shop().refusing(NotSaved::SkuTaken("TEA-30".parse().unwrap()));
        let foreign = post(&foreign, variant("TEA-30", "30 g")).await.unwrap_err();
        for refused in [own, foreign] {
            assert_eq!((refused.code(), refused.faults()[0].pointer.as_str()), (Code::SkuTaken, "/sku"));
        }
    }
}
