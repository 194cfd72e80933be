//! `GET /admin/products`: all products, whatever their status, the newest first. A moment behind what was changed just now.

use api::{Group, Limit, PageRequest, Problem, Request, Response, Staff};
use dynamo::{Page, StoreError};
use serde::Deserialize;

use crate::domain::{StaffListing, Status};
use crate::handlers::list_products::Place;
use crate::store::keys;

/// The page itself: one query. It may have fewer rows than it could, and others behind it all the same.
pub trait LoadStaffListings {
    async fn load_staff_listings(
        &self,
        status: Option<Status>,
        limit: u16,
        after: Option<Place>,
    ) -> Result<Page<StaffListing>, StoreError>;
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    status: Option<Status>,
    #[serde(default)]
    limit: Limit,
    cursor: Option<String>,
}

pub async fn handle(deps: &Deps<impl LoadStaffListings>, request: Request) -> Result<Response, Problem> {
    deps.staff.admit(&request, &Group::ALL).await?;
    let Query { status, limit, cursor } = request.query()?;
    let page = PageRequest::read(&request, cursor.as_deref())?;
    let after = page.position(("pk", keys::STAFF_LIST))?;
    let listings = deps.catalog.load_staff_listings(status, limit.get(), after).await?;
    let data: Vec<StaffListing> = listings.rows.into_iter().map(|row| row.body).collect();
    Ok(page.respond(data, listings.next, &request))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use api::Code;
    use dynamo::{Key, Row};
    use serde_json::json;
    use testkit::request;

    use super::*;
    use crate::domain::{Display, Product, Tree};
    use crate::fixtures;

    /// A draft of a tea, and whatever was asked for.
    #[derive(Default)]
    struct Fake(Mutex<Vec<(Option<Status>, Option<Place>)>>);

    impl LoadStaffListings for Fake {
        async fn load_staff_listings(
            &self,
            status: Option<Status>,
            _: u16,
            after: Option<Place>,
        ) -> Result<Page<StaffListing>, StoreError> {
            self.0.lock().unwrap().push((status, after));
            let (product, offers) = fixtures::tea();
            let tea = Display::of(&Product { status: Status::Draft, ..product }, &offers, &Tree::default()).staff;
            let place = [("pk", keys::STAFF_LIST), ("sk", "prod_1")];
            let next = place.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            Ok(Page { rows: vec![Row::new(Key::new(keys::STAFF_LIST, "prod_1"), tea)], next: Some(next) })
        }
    }

    async fn list(fake: &Deps<Fake>, query: &[(&str, &str)], groups: &str) -> Result<Response, Problem> {
        let request = request::get("/admin/products").authorized(fixtures::STAFF, groups);
        let request = query.iter().fold(request, |request, (name, value)| request.query(name, value));
        handle(fake, request.build()).await
    }

    fn deps() -> Deps<Fake> {
        Deps { catalog: Fake::default(), staff: testkit::auth::staff() }
    }

    #[tokio::test]
    async fn staff_see_what_shoppers_do_not() {
        let page = testkit::json(&list(&deps(), &[], "[warehouse]").await.unwrap());
        let (product, _) = fixtures::tea();
        let tea = json!({
            "id": product.id, "slug": "darjeeling", "title": "Darjeeling", "status": "draft",
            "category_id": product.category_id, "variants": 1, "updated_at": fixtures::now(),
        });
        assert_eq!(page["data"], json!([tea]));
    }

    #[tokio::test]
    async fn the_cursor_leads_on_in_the_list_of_that_status() {
        let deps = deps();
        let drafts = ("status", "draft");
        let first = testkit::json(&list(&deps, &[drafts], "[admin]").await.unwrap());
        let cursor = ("cursor", first["next_cursor"].as_str().unwrap());
        list(&deps, &[drafts, cursor], "[admin]").await.unwrap();
        let asked = deps.catalog.0.lock().unwrap().clone();
        assert_eq!((asked[1].0, &asked[1].1.as_ref().unwrap()["sk"]), (Some(Status::Draft), &"prod_1".to_owned()));
        assert_eq!(list(&deps, &[cursor], "[admin]").await.unwrap_err().code(), Code::InvalidCursor);
    }

    #[tokio::test]
    async fn a_status_that_no_product_has_is_refused_and_so_are_shoppers() {
        assert_eq!(list(&deps(), &[("status", "lost")], "[admin]").await.unwrap_err().code(), Code::InvalidQuery);
        assert_eq!(list(&deps(), &[], "[]").await.unwrap_err().code(), Code::Forbidden);
    }
}
