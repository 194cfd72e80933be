//! `GET /products`: a page of a category, or of the whole shop.

use std::collections::HashMap;

use api::{Code, Limit, PageRequest, Problem, Request, Response};
use dynamo::{Page, StoreError};
use kernel::CategoryId;
use serde::Deserialize;

use crate::domain::{Listing, Sort};
use crate::store::keys;

/// Seconds that a page may be shown from a cache.
const CACHE_SECONDS: u32 = 30;

/// The page itself: one query.
pub trait LoadListings {
    async fn load_listings(
        &self,
        category: Option<CategoryId>,
        sort: Sort,
        limit: u16,
        after: Option<HashMap<String, String>>,
    ) -> Result<Page<Listing>, StoreError>;
}

/// Asked only when a category's first page is empty.
pub trait HasCategory {
    async fn has_category(&self, id: CategoryId) -> Result<bool, StoreError>;
}

pub struct Deps<S> {
    pub catalog: S,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    category: Option<CategoryId>,
    #[serde(default)]
    sort: Sort,
    #[serde(default)]
    limit: Limit,
    cursor: Option<String>,
}

pub async fn handle(deps: &Deps<impl LoadListings + HasCategory>, request: Request) -> Result<Response, Problem> {
    let Query { category, sort, limit, cursor } = request.query()?;
    let page = PageRequest::read(&request, cursor.as_deref())?;
    let after = page.position(("pk", &keys::list(category, sort)))?;
    let listings = deps.catalog.load_listings(category, sort, limit.get(), after).await?;
    if let Some(category) = category
        && listings.rows.is_empty()
        && cursor.is_none()
        && !deps.catalog.has_category(category).await?
    {
        return Err(Problem::detailed(Code::NotFound, "There is no such category."));
    }
    let data = listings.rows.into_iter().map(|row| row.body).collect();
    Ok(page.respond(data, listings.next, &request).public(CACHE_SECONDS))
}

#[cfg(test)]
mod tests {
    use dynamo::{Key, Row};
    use serde_json::{Value, json};
    use testkit::request::{self, RequestBuilder};

    use super::*;
    use crate::fixtures;

    /// A list of one tea with a page behind it; the category of [`fixtures`] is the only one.
    struct Fake {
        empty: bool,
    }

    impl LoadListings for Fake {
        async fn load_listings(
            &self,
            category: Option<CategoryId>,
            sort: Sort,
            _: u16,
            after: Option<HashMap<String, String>>,
        ) -> Result<Page<Listing>, StoreError> {
            let partition = keys::list(category, sort);
            let rows =
                if self.empty { None } else { Some(Row::new(Key::new(&partition, "1"), fixtures::tea().0.listing())) };
            let next = after
                .is_none()
                .then(|| HashMap::from([("pk".to_owned(), partition), ("sk".to_owned(), "1".to_owned())]));
            Ok(Page { rows: rows.into_iter().collect(), next: next.filter(|_| !self.empty) })
        }
    }

    impl HasCategory for Fake {
        async fn has_category(&self, id: CategoryId) -> Result<bool, StoreError> {
            Ok(id == fixtures::category_id())
        }
    }

    async fn list(empty: bool, request: RequestBuilder) -> Result<Response, Problem> {
        handle(&Deps { catalog: Fake { empty } }, request.build()).await
    }

    fn products() -> RequestBuilder {
        request::get("/products")
    }

    #[tokio::test]
    async fn a_page_shows_summaries() {
        let page = testkit::json(&list(false, products()).await.unwrap());
        let tea = json!({
            "id": fixtures::tea().0.id, "slug": "darjeeling", "title": "Darjeeling",
            "price_from": {"amount": 1999, "currency": "EUR"}, "in_stock": false,
        });
        assert_eq!(page["data"], json!([tea]));
    }

    #[tokio::test]
    async fn the_cursor_leads_to_the_next_page_of_the_same_list_only() {
        let first = testkit::json(&list(false, products().query("sort", "-price")).await.unwrap());
        let cursor = first["next_cursor"].as_str().unwrap();
        let next = list(false, products().query("sort", "-price").query("cursor", cursor)).await.unwrap();
        assert_eq!(testkit::json(&next)["next_cursor"], Value::Null);
        for other in [products(), products().query("sort", "-price").query("category", fixtures::category_id())] {
            let refused = list(false, other.query("cursor", cursor)).await.unwrap_err();
            assert_eq!(refused.code(), Code::InvalidCursor);
        }
    }

    #[tokio::test]
    async fn an_empty_category_is_an_empty_page_and_an_unknown_one_is_not_found() {
        let page = list(true, products().query("category", fixtures::category_id())).await.unwrap();
        assert_eq!(testkit::json(&page), json!({ "data": [], "next_cursor": null }));
        let unknown = CategoryId::new(kernel::Ulid(2));
        assert_eq!(list(true, products().query("category", unknown)).await.unwrap_err().code(), Code::NotFound);
    }

    #[tokio::test]
    async fn a_query_that_makes_no_sense_is_refused() {
        for (name, value) in [("sort", "colour"), ("limit", "0"), ("limit", "101"), ("category", "tea"), ("page", "2")]
        {
            let refused = list(false, products().query(name, value)).await.expect_err(name);
            assert_eq!(refused.code(), Code::InvalidQuery, "{name}={value}");
        }
    }
}
