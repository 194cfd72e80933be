//! `GET /categories`: the whole tree, flat.

use api::{Problem, Request, Response};
use dynamo::StoreError;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{Category, Tree};

/// Seconds that the tree may be shown from a cache.
const CACHE_SECONDS: u32 = 60;

/// All this endpoint may do to the table; its role grants the same and no more.
pub trait LoadCategories {
    async fn load_categories(&self) -> Result<Tree, StoreError>;
}

pub struct Deps<S> {
    pub catalog: S,
}

/// All categories: those at the top first, siblings in their order.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CategoryList {
    data: Vec<Category>,
}

pub async fn handle(deps: &Deps<impl LoadCategories>, _: Request) -> Result<Response, Problem> {
    let data = deps.catalog.load_categories().await?.into_sorted();
    Ok(Response::ok(&CategoryList { data }).public(CACHE_SECONDS))
}

#[cfg(test)]
mod tests {
    use kernel::Slug;
    use serde_json::json;
    use testkit::request;

    use super::*;
    use crate::domain::Title;
    use crate::fixtures;

    struct Fake;

    impl LoadCategories for Fake {
        async fn load_categories(&self) -> Result<Tree, StoreError> {
            let (slug, title) = (Slug::parse("tea").unwrap(), Title::parse("Tea").unwrap());
            Ok(Tree::new([Category { id: fixtures::category_id(), slug, title, parent_id: None, position: 3 }]))
        }
    }

    #[tokio::test]
    async fn a_category_at_the_top_has_no_parent() {
        let response = handle(&Deps { catalog: Fake }, request::get("/categories").build()).await.unwrap();
        let tea =
            json!({ "id": fixtures::category_id(), "slug": "tea", "title": "Tea", "parent_id": null, "position": 3 });
        assert_eq!(testkit::json(&response), json!({ "data": [tea] }));
    }
}
