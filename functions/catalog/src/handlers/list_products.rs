//! `GET /products`: a page of a category, or of the whole shop.

use std::collections::HashMap;

use api::{Code, Limit, PageRequest, Problem, Request, Response};
use dynamo::{Page, StoreError};
use kernel::{CategoryId, MAX_AMOUNT};
use serde::Deserialize;

use crate::domain::{Listing, PriceRange, Sort};
use crate::handlers::list_categories::LoadCategories;
use crate::store::keys;

/// Seconds that a page may be shown from a cache.
const CACHE_SECONDS: u32 = 30;

/// Where one row is; what a cursor holds.
pub type Place = HashMap<String, String>;

/// Which list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// With those below it; none for the whole shop.
    pub category: Option<CategoryId>,
    pub sort: Sort,
    pub prices: PriceRange,
}

/// The page itself: one query. It may have fewer rows than it could, and others behind it all the same.
pub trait LoadListings {
    async fn load_listings(
        &self,
        wanted: &Wanted,
        limit: u16,
        after: Option<Place>,
    ) -> Result<Page<Listing>, StoreError>;
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
    price_min: Option<Price>,
    price_max: Option<Price>,
    #[serde(default)]
    limit: Limit,
    cursor: Option<String>,
}

/// A price in minor units, read from the text of a parameter.
struct Price(i64);

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let price = text.parse().ok().filter(|price| (0..=MAX_AMOUNT).contains(price));
        let refusal =
            || serde::de::Error::custom(format!("A price is a number of minor units, from 0 to {MAX_AMOUNT}."));
        price.map(Self).ok_or_else(refusal)
    }
}

impl Query {
    fn wanted(&self) -> Result<Wanted, Problem> {
        let PriceRange { min, max } = PriceRange::ALL;
        let min = self.price_min.as_ref().map_or(min, |price| price.0);
        let max = self.price_max.as_ref().map_or(max, |price| price.0);
        if min > max {
            return Err(Problem::detailed(Code::InvalidQuery, "'price_min' must not be above 'price_max'."));
        }
        Ok(Wanted { category: self.category, sort: self.sort, prices: PriceRange { min, max } })
    }
}

pub async fn handle(deps: &Deps<impl LoadListings + LoadCategories>, request: Request) -> Result<Response, Problem> {
    let asked: Query = request.query()?;
    let wanted = asked.wanted()?;
    let page = PageRequest::read(&request, asked.cursor.as_deref())?;
    let after = position(&page, &wanted)?;
    let is_first = after.is_none();
    let listings = deps.catalog.load_listings(&wanted, asked.limit.get(), after).await?;
    if let Some(category) = wanted.category
        && is_first
        && listings.rows.is_empty()
        && !deps.catalog.load_categories().await?.has_lists(category)
    {
        return Err(Problem::detailed(Code::NotFound, "There is no such category."));
    }
    let data = listings.rows.into_iter().map(|row| row.body).collect();
    Ok(page.respond(data, listings.next, &request).public(CACHE_SECONDS))
}

/// Where to go on: a place of the wanted list, and of the part of it that has the wanted prices.
fn position(page: &PageRequest, wanted: &Wanted) -> Result<Option<Place>, Problem> {
    let order = wanted.sort.order();
    let position = page.position(("pk", &keys::list(wanted.category, order)))?;
    if let Some(place) = &position
        && let Some(range) = keys::priced(order, wanted.prices)
        && !(range.0..=range.1).contains(&place["sk"])
    {
        return Err(Problem::new(Code::InvalidCursor));
    }
    Ok(position)
}

#[cfg(test)]
mod tests {
    use dynamo::{Key, Row};
    use serde_json::{Value, json};
    use testkit::request::{self, RequestBuilder};

    use super::*;
    use crate::domain::{CategoryStatus, Display, Tree};
    use crate::fixtures;
    use crate::handlers::fakes::Shelves;

    /// A list of one tea with a page behind it.
    struct Fake {
        empty: bool,
        status: CategoryStatus,
    }

    impl LoadListings for Fake {
        async fn load_listings(
            &self,
            wanted: &Wanted,
            _: u16,
            after: Option<Place>,
        ) -> Result<Page<Listing>, StoreError> {
            if self.empty {
                return Ok(Page { rows: Vec::new(), next: None });
            }
            let (product, offers) = fixtures::tea();
            let tea = Display::of(&product, &offers, &Tree::default()).summary.unwrap();
            let key = Key::new(keys::list(wanted.category, wanted.sort.order()), "000000001999#1");
            let next = HashMap::from([("pk".to_owned(), key.pk.clone()), ("sk".to_owned(), key.sk.clone())]);
            Ok(Page { rows: vec![Row::new(key, tea)], next: after.is_none().then_some(next) })
        }
    }

    impl LoadCategories for Fake {
        async fn load_categories(&self) -> Result<Tree, StoreError> {
            let shelves = Shelves::tea();
            shelves.change(|category| category.status = self.status);
            shelves.load_categories().await
        }
    }

    async fn list_of(fake: Fake, request: RequestBuilder) -> Result<Response, Problem> {
        handle(&Deps { catalog: fake }, request.build()).await
    }

    async fn list(request: RequestBuilder) -> Result<Response, Problem> {
        list_of(Fake { empty: false, status: CategoryStatus::Active }, request).await
    }

    fn products() -> RequestBuilder {
        request::get("/products")
    }

    #[tokio::test]
    async fn a_page_shows_summaries() {
        let page = testkit::json(&list(products()).await.unwrap());
        let tea = json!({
            "id": fixtures::tea().0.id, "slug": "darjeeling", "title": "Darjeeling",
            "price_from": {"amount": 1999, "currency": "EUR"}, "in_stock": false,
        });
        assert_eq!(page["data"], json!([tea]));
    }

    #[tokio::test]
    async fn the_cursor_leads_to_the_next_page_of_the_same_list_only() {
        let first = testkit::json(&list(products().query("sort", "-price")).await.unwrap());
        let cursor = first["next_cursor"].as_str().unwrap();
        let next = list(products().query("sort", "-price").query("cursor", cursor)).await.unwrap();
        assert_eq!(testkit::json(&next)["next_cursor"], Value::Null);
        for other in [products(), products().query("sort", "-price").query("category", fixtures::category_id())] {
            let refused = list(other.query("cursor", cursor)).await.unwrap_err();
            assert_eq!(refused.code(), Code::InvalidCursor);
        }
    }

    #[tokio::test]
    async fn a_cursor_that_leads_out_of_the_wanted_prices_is_refused() {
        let dear = || products().query("sort", "price").query("price_min", 2000);
        let cursor = testkit::json(&list(dear()).await.unwrap())["next_cursor"].as_str().unwrap().to_owned();
        let refused = list(dear().query("cursor", cursor)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidCursor);
    }

    #[tokio::test]
    async fn an_empty_category_is_an_empty_page() {
        for status in [CategoryStatus::Active, CategoryStatus::Hidden] {
            let request = products().query("category", fixtures::category_id());
            let page = list_of(Fake { empty: true, status }, request).await.unwrap();
            assert_eq!(testkit::json(&page), json!({ "data": [], "next_cursor": null }));
        }
    }

    #[tokio::test]
    async fn an_unknown_category_and_a_draft_are_not_found() {
        let unknown = CategoryId::new(kernel::Ulid(9));
        for (category, status) in [(unknown, CategoryStatus::Active), (fixtures::category_id(), CategoryStatus::Draft)]
        {
            let refused = list_of(Fake { empty: true, status }, products().query("category", category)).await;
            assert_eq!(refused.unwrap_err().code(), Code::NotFound);
        }
    }

    #[tokio::test]
    async fn a_query_that_makes_no_sense_is_refused() {
        for (name, value) in [
            ("sort", "colour"),
            ("category", "tea"),
            ("limit", "0"),
            ("page", "2"),
            ("price_min", "-1"),
            ("price_max", "100000000000"),
            ("price_max", "9.99"),
        ] {
            assert_eq!(list(products().query(name, value)).await.unwrap_err().code(), Code::InvalidQuery, "{name}");
        }
        let upside_down = products().query("price_min", 900).query("price_max", 500);
        assert_eq!(list(upside_down).await.unwrap_err().code(), Code::InvalidQuery);
    }
}
