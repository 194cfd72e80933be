//! `GET /admin/categories`: the whole tree, flat, with what shoppers do not see of it.

use api::{Group, Problem, Request, Response, Staff};
use schemars::JsonSchema;
use serde::Serialize;

use crate::handlers::categories::StaffCategoryView;
use crate::handlers::tree::LoadTree;

pub struct Deps<S> {
    pub catalog: S,
    pub staff: Staff,
}

/// All categories: those at the top first, siblings in their order.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StaffCategoryList {
    data: Vec<StaffCategoryView>,
}

pub async fn handle(deps: &Deps<impl LoadTree>, request: Request) -> Result<Response, Problem> {
    deps.staff.admit(&request, &Group::ALL).await?;
    let categories = deps.catalog.load_tree().await?.tree.into_sorted();
    Ok(Response::ok(&StaffCategoryList { data: categories.into_iter().map(StaffCategoryView::of).collect() }))
}

#[cfg(test)]
mod tests {
    use api::Code;
    use serde_json::json;
    use testkit::request;

    use super::*;
    use crate::domain::CategoryStatus;
    use crate::fixtures;
    use crate::handlers::fakes::Shelves;

    async fn list(groups: &str) -> Result<Response, Problem> {
        let catalog = Shelves::tea().closing(Some(fixtures::other_category_id()));
        catalog.change(|category| category.status = CategoryStatus::Draft);
        let request = request::get("/admin/categories").authorized(fixtures::STAFF, groups);
        handle(&Deps { catalog, staff: testkit::auth::staff() }, request.build()).await
    }

    #[tokio::test]
    async fn staff_see_drafts_and_what_is_being_deleted() {
        let list = testkit::json(&list("[support]").await.unwrap());
        let tea = json!({
            "id": fixtures::category_id(), "slug": "tea", "title": "tea", "parent_id": null, "position": 0,
            "status": "draft", "is_closing": true, "moves_products_to": fixtures::other_category_id(),
        });
        assert_eq!((list["data"].as_array().unwrap().len(), &list["data"][0]), (2, &tea));
        assert_eq!(list["data"][1]["is_closing"], json!(false));
    }

    #[tokio::test]
    async fn shoppers_do_not() {
        assert_eq!(list("[]").await.unwrap_err().code(), Code::Forbidden);
    }
}
