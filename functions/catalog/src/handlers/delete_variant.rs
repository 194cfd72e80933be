//! `DELETE /admin/products/{id}/variants/{sku}`: a variant goes. One that orders or the ledger know is no longer sold, and its row stays.

use api::{AuditEntry, Code, Group, Problem, Request, Response, StatusCode};
use kernel::{ProductId, Sku};

use crate::handlers::edits::{Change, Deps, LoadStored, SaveEdit, answer, change};

pub async fn handle(deps: &Deps<impl LoadStored + SaveEdit>, request: Request) -> Result<Response, Problem> {
    let staff = deps.staff.admit(&request, &[Group::Admin]).await?;
    let id: ProductId = request.path_parameter("id")?;
    let sku: Sku = request.path_parameter("sku")?;
    let audit = AuditEntry::new(&request, &staff, (deps.now)(), "delete_variant", id, &["variants"]);
    let edit = change(deps, &request, Change { id, audit: &audit, extra: &[] }, |stored| {
        let mut wanted = stored.input();
        let at = wanted.variants.iter().position(|variant| variant.sku == sku);
        wanted.variants.remove(at.ok_or_else(|| Problem::new(Code::NotFound))?);
        if wanted.variants.is_empty() { Err(Problem::new(Code::LastVariant)) } else { Ok(wanted) }
    });
    Ok(answer(StatusCode::OK, &edit.await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::OfferEdit;
    use crate::fixtures;
    use crate::handlers::edits::fakes::{Shop, staff_request};

    async fn delete(shop: &Shop, sku: &str) -> Result<Response, Problem> {
        let request = staff_request("DELETE", &format!("/variants/{sku}")).path_parameter("sku", sku);
        handle(&shop.deps(), request.header("if-match", "\"3\"").build()).await
    }

    /// The tea in two sizes.
    fn shop(was_ordered: bool) -> Shop {
        let mut stored = fixtures::stored(fixtures::new_product(fixtures::tea_in_sizes(2)));
        stored.offers[1].offer.ordered = was_ordered;
        Shop::with(stored)
    }

    #[tokio::test]
    async fn a_variant_that_was_ordered_keeps_its_row() {
        for was_ordered in [true, false] {
            let shop = shop(was_ordered);
            let product = testkit::json(&delete(&shop, "TEA-20").await.unwrap());
            assert_eq!(product["variants"].as_array().unwrap().len(), 1);
            let stays = matches!(shop.saved().unwrap().offers.as_slice(), [OfferEdit::Retire { .. }]);
            assert_eq!(stays, was_ordered);
        }
    }

    #[tokio::test]
    async fn a_product_keeps_its_last_variant() {
        let shop = Shop::with(fixtures::stored_tea());
        assert_eq!(delete(&shop, "TEA-100").await.unwrap_err().code(), Code::LastVariant);
        assert_eq!(delete(&shop, "TEA-200").await.unwrap_err().code(), Code::NotFound);
    }
}
