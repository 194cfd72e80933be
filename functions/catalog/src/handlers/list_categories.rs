//! `GET /categories`: the whole tree, flat.

use api::{Problem, Request, Response};
use dynamo::StoreError;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::Tree;
use crate::handlers::categories::CategoryView;

/// Seconds that the tree may be shown from a cache.
const CACHE_SECONDS: u32 = 60;

/// All this endpoint may do to the table; its role grants the same and no more.
pub trait LoadCategories {
    async fn load_categories(&self) -> Result<Tree, StoreError>;
}

pub struct Deps<S> {
    pub catalog: S,
}

/// Categories that are shown to everybody: those at the top first, siblings in their order.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CategoryList {
    data: Vec<CategoryView>,
}

pub async fn handle(deps: &Deps<impl LoadCategories>, _: Request) -> Result<Response, Problem> {
    let shown = deps.catalog.load_categories().await?.into_shown();
    let data = shown.into_iter().map(CategoryView::of).collect();
    Ok(Response::ok(&CategoryList { data }).public(CACHE_SECONDS))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::request;

    use super::*;
    use crate::domain::CategoryStatus;
    use crate::fixtures;
    use crate::handlers::fakes::Shelves;

    async fn list(shelves: Shelves) -> serde_json::Value {
        let response = handle(&Deps { catalog: shelves }, request::get("/categories").build()).await.unwrap();
        testkit::json(&response)["data"].clone()
    }

    #[tokio::test]
    async fn a_category_at_the_top_has_no_parent() {
        let tea =
            json!({ "id": fixtures::category_id(), "slug": "tea", "title": "tea", "parent_id": null, "position": 0 });
        let list = list(Shelves::tea()).await;
        assert_eq!((list.as_array().unwrap().len(), &list[0]), (2, &tea));
    }

    #[tokio::test]
    async fn hidden_categories_and_drafts_are_not_listed() {
        for status in [CategoryStatus::Hidden, CategoryStatus::Draft] {
            let shelves = Shelves::tea();
            shelves.change(|category| category.status = status);
            let list = list(shelves).await;
            assert_eq!((list.as_array().unwrap().len(), &list[0]["slug"]), (1, &json!("coffee")));
        }
    }
}
