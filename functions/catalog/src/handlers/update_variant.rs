//! `PUT /admin/products/{id}/variants/{sku}`: all of a variant but its SKU and its stock.

use api::{AuditEntry, Code, Group, Problem, Request, Response, StatusCode};
use kernel::{ProductId, Sku};

use crate::domain::{VariantContent, VariantDraft};
use crate::handlers::edits::{Change, Deps, LoadStored, SaveEdit, answer, change, of_the_variant};

pub async fn handle(deps: &Deps<impl LoadStored + SaveEdit>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let id: ProductId = request.path_parameter("id")?;
    let sku: Sku = request.path_parameter("sku")?;
    let content: VariantContent = request.json_or_draft(|draft: VariantDraft| draft.check(None, deps.currency))?;
    let audit = AuditEntry::new(&request, &staff, (deps.now)(), "update_variant", id, &["variants"]);
    let edit = change(deps, &request, Change { id, audit: &audit, extra: &[] }, |stored| {
        let mut wanted = stored.input();
        let variant = wanted.variants.iter_mut().find(|variant| variant.sku == sku);
        *variant.ok_or_else(|| Problem::new(Code::NotFound))? = content.clone().of(sku.clone());
        Ok(wanted)
    });
    Ok(answer(StatusCode::OK, &edit.await.map_err(of_the_variant)?))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures;
    use crate::handlers::edits::fakes::{Shop, staff_request};

    async fn put(shop: &Shop, sku: &str, body: Value) -> Result<Response, Problem> {
        let request = staff_request("PUT", &format!("/variants/{sku}")).path_parameter("sku", sku);
        handle(&shop.deps(), request.header("if-match", "\"3\"").json(body).build()).await
    }

    fn priced(amount: i64) -> Value {
        json!({ "price": { "amount": amount, "currency": "EUR" }, "weight_grams": 130 })
    }

    #[tokio::test]
    async fn a_variant_gets_a_new_price_and_weight_and_keeps_its_sku() {
        let shop = Shop::with(fixtures::stored_tea());
        let product = testkit::json(&put(&shop, "TEA-100", priced(1500)).await.unwrap());
        let variant = &product["variants"][0];
        assert_eq!((&variant["sku"], &variant["weight_grams"]), (&json!("TEA-100"), &json!(130)));
        assert_eq!(variant["price"]["amount"], json!(1500));
    }

    #[tokio::test]
    async fn a_sku_cannot_be_changed() {
        let shop = Shop::with(fixtures::stored_tea());
        let mut body = priced(-1);
        body["sku"] = json!("TEA-200");
        let refused = put(&shop, "TEA-100", body).await.unwrap_err();
        let found: Vec<_> = refused.faults().iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(found, [("/sku", "unknown_field"), ("/price/amount", "invalid_price")]);
    }

    #[tokio::test]
    async fn a_variant_that_is_not_the_product_s_is_not_found() {
        let shop = Shop::with(fixtures::stored_tea());
        for sku in ["TEA-200", "?"] {
            assert_eq!(put(&shop, sku, priced(1500)).await.unwrap_err().code(), Code::NotFound, "{sku}");
        }
        let fault = put(&shop, "TEA-100", priced(-1)).await.unwrap_err();
        assert_eq!(fault.faults()[0].pointer, "/price/amount");
    }
}
