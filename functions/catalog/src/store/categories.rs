use dynamo::{Change, Condition, Entity, Personal, Query, Row, StoreError, WriteError, WriteSet};
use kernel::{CategoryId, Ulid};
use serde::{Deserialize, Serialize};

use crate::domain::{Category, Tree};
use crate::handlers::create_category::{InsertCategory, NotCreated};
use crate::handlers::list_categories::LoadCategories;
use crate::handlers::list_products::HasCategory;
use crate::store::{Catalog, keys};

/// Rows of one page; the tree usually fits into the first.
const PAGE: u16 = 1000;

impl Entity for Category {
    const TYPE: &'static str = "category";
    const PERSONAL: Personal = Personal::None;
}

/// Makes a category's slug unique, and leads to the category.
#[derive(Debug, Serialize, Deserialize)]
struct CategorySlug {
    category_id: CategoryId,
}

impl Entity for CategorySlug {
    const TYPE: &'static str = "category_slug";
    const PERSONAL: Personal = Personal::None;
}

impl LoadCategories for Catalog {
    async fn load_categories(&self) -> Result<Tree, StoreError> {
        let mut categories = Vec::new();
        let mut after = None;
        loop {
            let page =
                self.table.query::<Category>(Query::partition(keys::CATEGORIES).limit(PAGE).after(after)).await?;
            categories.extend(page.rows.into_iter().map(|row| row.body));
            after = page.next;
            if after.is_none() {
                return Ok(Tree::new(categories));
            }
        }
    }
}

impl HasCategory for Catalog {
    async fn has_category(&self, id: CategoryId) -> Result<bool, StoreError> {
        Ok(self.table.get::<Category>(keys::category(id)).await?.is_some())
    }
}

impl InsertCategory for Catalog {
    async fn insert_category(
        &self,
        category: &Category,
        audit: &api::AuditEntry,
        audit_id: Ulid,
    ) -> Result<(), WriteError<NotCreated>> {
        let table = &self.table;
        let slug = CategorySlug { category_id: category.id };
        let mut set = WriteSet::new()
            .with(Change::create(table, &Row::new(keys::category_slug(&category.slug), slug)), NotCreated::SlugTaken)
            .with(Change::create(table, &Row::new(keys::category(category.id), category.clone())), NotCreated::Clash)
            .with(audit.record(table, audit_id), NotCreated::Clash);
        if let Some(parent) = category.parent_id {
            set.push(Change::check(table, keys::category(parent), Condition::Exists), NotCreated::ParentGone);
        }
        set.commit().await
    }
}
