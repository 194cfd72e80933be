//! `GET /admin/categories/{id}`: one category, with the version that a change of it names.

use api::{Code, Group, Problem, Request, Response, Staff};
use dynamo::StoreError;
use kernel::CategoryId;

use crate::domain::Category;
use crate::handlers::categories::answer;

pub trait LoadCategory {
    async fn load_category(&self, id: CategoryId) -> Result<Option<Category>, StoreError>;
}

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
}

pub async fn handle(deps: &Deps<impl LoadCategory>, request: Request) -> Result<Response, Problem> {
    deps.staff.admit(&request, &Group::ALL).await?;
    let id = request.path_parameter("id")?;
    let found = deps.catalog.load_category(id).await?;
    found.map(answer).ok_or_else(|| Problem::new(Code::NotFound))
}

#[cfg(test)]
mod tests {
    use testkit::request;

    use super::*;
    use crate::fixtures;
    use crate::handlers::fakes::Shelves;

    struct Fake;

    impl LoadCategory for Fake {
        async fn load_category(&self, id: CategoryId) -> Result<Option<Category>, StoreError> {
            let found = Shelves::tea().category().filter(|category| category.id == id);
            Ok(found.map(|category| Category { version: 4, ..category }))
        }
    }

    async fn get(id: &str, groups: &str) -> Result<Response, Problem> {
        let request = request::get(&format!("/admin/categories/{id}")).path_parameter("id", id);
        let request = request.authorized(fixtures::STAFF, groups).build();
        handle(&Deps { catalog: Fake, staff: testkit::auth::staff() }, request).await
    }

    #[tokio::test]
    async fn a_category_comes_with_its_version() {
        let response = get(&fixtures::category_id().to_string(), "[warehouse]").await.unwrap();
        assert_eq!((response.header_value("ETag"), &testkit::json(&response)["slug"]), (Some("\"4\""), &"tea".into()));
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_found() {
        for id in [fixtures::other_category_id().to_string(), "tea".to_owned()] {
            assert_eq!(get(&id, "[admin]").await.unwrap_err().code(), Code::NotFound);
        }
        assert_eq!(get(&fixtures::category_id().to_string(), "[]").await.unwrap_err().code(), Code::Forbidden);
    }
}
