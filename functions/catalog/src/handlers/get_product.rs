//! `GET /products/{id}`: a product as shoppers see it.

use api::{Code, Problem, Request, Response};
use dynamo::StoreError;
use kernel::ProductId;

use crate::domain::{Offer, Product};
use crate::views::ProductView;

/// Seconds that a product may be shown from a cache; checkout never relies on it.
pub(super) const CACHE_SECONDS: u32 = 30;

/// All this endpoint may do to the table; its role grants the same and no more.
pub trait LoadProduct {
    async fn load_product(&self, id: ProductId) -> Result<Option<(Product, Vec<Offer>)>, StoreError>;
}

pub struct Deps<S> {
    pub catalog: S,
}

pub async fn handle(deps: &Deps<impl LoadProduct>, request: Request) -> Result<Response, Problem> {
    let id = request.path_parameter("id")?;
    let found = deps.catalog.load_product(id).await?;
    let listed = found.filter(|(product, _)| product.is_for_sale());
    let (product, offers) = listed.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Response::ok(&ProductView::of(product, offers)).public(CACHE_SECONDS))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::request;

    use super::*;
    use crate::domain::Status;
    use crate::fixtures;

    struct Fake(Option<(Product, Vec<Offer>)>);

    impl LoadProduct for Fake {
        async fn load_product(&self, _: ProductId) -> Result<Option<(Product, Vec<Offer>)>, StoreError> {
            Ok(self.0.clone())
        }
    }

    async fn get(found: Option<(Product, Vec<Offer>)>, id: &str) -> Result<Response, Problem> {
        let request = request::get(&format!("/products/{id}")).path_parameter("id", id).build();
        handle(&Deps { catalog: Fake(found) }, request).await
    }

    #[tokio::test]
    async fn a_product_has_all_its_variants() {
        let (product, offers) = fixtures::tea();
        let id = product.id;
        let view = testkit::json(&get(Some((product, offers)), &id.to_string()).await.unwrap());
        assert_eq!(
            (&view["id"], &view["status"], &view["tax_class"]),
            (&json!(id), &json!("active"), &json!("reduced"))
        );
        assert_eq!(
            view["variants"],
            json!([{
                "sku": "TEA-100", "title": "100 g", "options": {}, "price": {"amount": 1999, "currency": "EUR"},
                "available": 0, "weight_grams": 120,
            }])
        );
    }

    #[tokio::test]
    async fn what_is_not_for_sale_is_not_there_for_shoppers() {
        for status in [Status::Draft, Status::Archived] {
            let (product, offers) = fixtures::tea();
            let hidden = Product { status, ..product };
            let id = hidden.id.to_string();
            assert_eq!(get(Some((hidden, offers)), &id).await.unwrap_err().code(), Code::NotFound);
        }
    }

    #[tokio::test]
    async fn a_reduction_names_the_lowest_price_of_the_thirty_days_before() {
        let (product, mut offers) = fixtures::tea();
        let euros = |amount| kernel::Money::new(amount, kernel::Currency::EUR);
        let before = offers[0].asked();
        let reduced = Offer { price: euros(1500), compare_at_price: Some(euros(1999)), ..offers.remove(0) };
        let prices = reduced.prices.clone().after_change(before, reduced.asked(), fixtures::moment().day);
        let id = product.id.to_string();
        let view = testkit::json(&get(Some((product, vec![Offer { prices, ..reduced }])), &id).await.unwrap());
        let lowest = &view["variants"][0]["lowest_price_30_days"];
        assert_eq!(lowest, &json!({ "amount": 1999, "currency": "EUR" }));
    }

    #[tokio::test]
    async fn what_is_no_id_names_no_product() {
        assert_eq!(get(Some(fixtures::tea()), "7").await.unwrap_err().code(), Code::NotFound);
        let id = fixtures::tea().0.id.to_string();
        assert_eq!(get(None, &id).await.unwrap_err().code(), Code::NotFound);
    }
}
