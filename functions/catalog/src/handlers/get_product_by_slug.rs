//! `GET /products/by-slug/{slug}`: a product by its address in the storefront; one that it had before leads to the one that it has.

use api::{Code, Problem, Request, Response, StatusCode};
use dynamo::StoreError;
use kernel::{ProductId, Slug};
use serde::Serialize;

use crate::handlers::get_product::{CACHE_SECONDS, LoadProduct};
use crate::views::ProductView;

/// The product that a slug leads to.
pub trait FindSlug {
    async fn find_slug(&self, slug: &Slug) -> Result<Option<ProductId>, StoreError>;
}

pub struct Deps<S> {
    pub catalog: S,
}

/// Where the product is found now.
#[derive(Debug, Serialize)]
struct Moved {
    slug: Slug,
}

pub async fn handle(deps: &Deps<impl FindSlug + LoadProduct>, request: Request) -> Result<Response, Problem> {
    let slug: Slug = request.path_parameter("slug")?;
    let not_found = || Problem::new(Code::NotFound);
    let id = deps.catalog.find_slug(&slug).await?.ok_or_else(not_found)?;
    let found = deps.catalog.load_product(id).await?;
    let (product, offers) = found.filter(|(product, _)| product.is_for_sale()).ok_or_else(not_found)?;
    // The index may be a moment behind the slug that it was found by; only one that it had before leads elsewhere.
    if product.former_slugs.contains(&slug) {
        let location = format!("/v1/products/by-slug/{}", product.slug);
        let moved = Response::new(StatusCode::MOVED_PERMANENTLY, &Moved { slug: product.slug });
        return Ok(moved.header("Location", location).public(CACHE_SECONDS));
    }
    Ok(Response::ok(&ProductView::of(product, offers)).public(CACHE_SECONDS))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::request;

    use super::*;
    use crate::domain::{Offer, Product, Status};
    use crate::fixtures;

    /// A shop with a tea, which was called `assam` before, and will be `first-flush` once the index knows.
    struct Fake {
        status: Status,
    }

    impl FindSlug for Fake {
        async fn find_slug(&self, slug: &Slug) -> Result<Option<ProductId>, StoreError> {
            let leads_there = ["darjeeling", "assam", "first-flush"].contains(&slug.as_str());
            Ok(leads_there.then(|| fixtures::tea().0.id))
        }
    }

    impl LoadProduct for Fake {
        async fn load_product(&self, _: ProductId) -> Result<Option<(Product, Vec<Offer>)>, StoreError> {
            let (product, offers) = fixtures::tea();
            let former_slugs = vec!["assam".parse().unwrap()];
            Ok(Some((Product { status: self.status, former_slugs, ..product }, offers)))
        }
    }

    async fn get(slug: &str, status: Status) -> Result<Response, Problem> {
        let request = request::get(&format!("/products/by-slug/{slug}")).path_parameter("slug", slug);
        handle(&Deps { catalog: Fake { status } }, request.build()).await
    }

    #[tokio::test]
    async fn a_slug_shows_its_product_even_before_the_index_knows_it() {
        for slug in ["darjeeling", "first-flush"] {
            let answer = get(slug, Status::Active).await.unwrap();
            assert_eq!((answer.status(), answer.member("slug")), (StatusCode::OK, Some(json!("darjeeling"))));
        }
    }

    #[tokio::test]
    async fn a_slug_of_before_leads_to_the_one_of_now() {
        let answer = get("assam", Status::Active).await.unwrap();
        assert_eq!(answer.status(), StatusCode::MOVED_PERMANENTLY);
        assert_eq!(answer.header_value("location"), Some("/v1/products/by-slug/darjeeling"));
    }

    #[tokio::test]
    async fn what_is_not_for_sale_is_found_by_no_slug() {
        for (slug, status) in [
            ("darjeeling", Status::Draft),
            ("assam", Status::Archived),
            ("ceylon", Status::Active),
            ("Not-A-Slug", Status::Active),
        ] {
            assert_eq!(get(slug, status).await.unwrap_err().code(), Code::NotFound, "{slug}");
        }
    }
}
