//! The tree of categories. Whatever changes its shape is written under the version that was read before the categories themselves, so
//! that of two changes that contradict each other one is refused.

use dynamo::{Change, Condition, Entity, Personal, Query, Row, StoreError, WriteError, WriteSet};
use kernel::{CategoryId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::{Category, Tree};
use crate::handlers::categories::ReadCategories;
use crate::handlers::closing::Finish;
use crate::handlers::create_category::{Creation, InsertCategory, NotCreated};
use crate::handlers::delete_category::{CloseCategory, CloseRequest};
use crate::handlers::get_category::LoadCategory;
use crate::handlers::list_categories::LoadCategories;
use crate::handlers::tree::{Grown, LoadTree};
use crate::handlers::update_category::{NotSaved, SaveCategory, Saving};
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

/// Counts the changes of the tree's shape in its version.
#[derive(Debug, Serialize, Deserialize)]
struct TreeShape {
    changed_at: Timestamp,
}

impl Entity for TreeShape {
    const TYPE: &'static str = "category_tree";
    const PERSONAL: Personal = Personal::None;
}

impl Catalog {
    async fn categories(&self, query: Query) -> Result<Tree, StoreError> {
        let mut categories = Vec::new();
        let mut after = None;
        loop {
            let page = self.table.query::<Category>(query.clone().limit(PAGE).after(after)).await?;
            categories.extend(page.rows.into_iter().map(|row| Category { version: row.version, ..row.body }));
            after = page.next;
            if after.is_none() {
                return Ok(Tree::new(categories));
            }
        }
    }

    /// Refused when the tree has another shape than it had at `version`.
    fn reshape(&self, version: Option<u64>, at: Timestamp) -> Change {
        let unchanged = version.map_or(Condition::Absent, |version| Condition::equals("version", version));
        Change::upsert::<TreeShape>(&self.table, keys::tree(), unchanged).set("changed_at", at)
    }

    fn claim_slug(&self, category: &Category) -> Change {
        let slug = CategorySlug { category_id: category.id };
        Change::create(&self.table, &Row::new(keys::category_slug(&category.slug), slug))
    }

    fn free_slug(&self, category: &Category) -> Change {
        let is_its_own = Condition::equals("category_id", category.id);
        Change::delete(&self.table, keys::category_slug(&category.slug), is_its_own)
    }

    /// Changes a category that is still what was read.
    fn update_category(&self, category: &Category) -> Change {
        Change::update(&self.table, keys::category(category.id)).when(Condition::equals("version", category.version))
    }
}

impl LoadCategories for Catalog {
    async fn load_categories(&self) -> Result<Tree, StoreError> {
        self.categories(Query::partition(keys::CATEGORIES)).await
    }
}

impl ReadCategories for Catalog {
    async fn read_categories(&self) -> Result<Tree, StoreError> {
        self.categories(Query::partition(keys::CATEGORIES).consistent()).await
    }
}

impl LoadCategory for Catalog {
    async fn load_category(&self, id: CategoryId) -> Result<Option<Category>, StoreError> {
        let row = self.table.get::<Category>(keys::category(id)).await?;
        Ok(row.map(|row| Category { version: row.version, ..row.body }))
    }
}

impl LoadTree for Catalog {
    async fn load_tree(&self) -> Result<Grown, StoreError> {
        // The version first: whatever changes between the two reads makes it an old one, and what follows from them is refused.
        let shape = self.table.get::<TreeShape>(keys::tree()).await?;
        let tree = self.read_categories().await?;
        Ok(Grown { tree, version: shape.map(|row| row.version) })
    }
}

impl InsertCategory for Catalog {
    async fn insert_category(&self, creation: Creation<'_>) -> Result<(), WriteError<NotCreated>> {
        let Creation { category, tree_version, audit, audit_id } = creation;
        let table = &self.table;
        WriteSet::new()
            .with(self.claim_slug(category), NotCreated::SlugTaken)
            .with(self.reshape(tree_version, audit.at), NotCreated::TreeChanged)
            .with(Change::create(table, &Row::new(keys::category(category.id), category.clone())), NotCreated::Clash)
            .with(audit.record(table, audit_id), NotCreated::Clash)
            .commit()
            .await
    }
}

impl SaveCategory for Catalog {
    async fn save_category(&self, saving: Saving<'_>) -> Result<(), WriteError<NotSaved>> {
        let Saving { before, after, tree_version, audit, audit_id, event } = saving;
        let table = &self.table;
        let mut set = WriteSet::new();
        if after.slug != before.slug {
            set.push(self.claim_slug(after), NotSaved::SlugTaken);
            set.push(self.free_slug(before), NotSaved::Changed);
        }
        let update = self
            .update_category(before)
            .set("slug", &after.slug)
            .set("title", &after.title)
            .set("parent_id", after.parent_id)
            .set("position", after.position)
            .set("status", after.status);
        set.push(update, NotSaved::Changed);
        if after.parent_id != before.parent_id {
            set.push(self.reshape(tree_version, audit.at), NotSaved::Changed);
        }
        set.push(audit.record(table, audit_id), NotSaved::Changed);
        if let Some(event) = event {
            set.push(Change::announce(table, event), NotSaved::Changed);
        }
        set.commit().await
    }
}

impl CloseCategory for Catalog {
    async fn close_category(&self, request: CloseRequest<'_>) -> Result<(), WriteError<()>> {
        let CloseRequest { category, closing, tree_version, audit, event } = request;
        let table = &self.table;
        WriteSet::new()
            .with(self.update_category(category).set("closing", closing), ())
            .with(self.reshape(tree_version, audit.at), ())
            .with(audit.record(table, event.id.ulid()), ())
            .with(Change::announce(table, event), ())
            .commit()
            .await
    }
}

impl Finish for Catalog {
    async fn reopen_category(&self, category: &Category) -> Result<(), WriteError<()>> {
        let reopened = self.update_category(category).remove("closing");
        WriteSet::new().with(reopened, ()).commit().await
    }

    async fn remove_category(
        &self,
        category: &Category,
        tree_version: Option<u64>,
        now: Timestamp,
    ) -> Result<(), WriteError<()>> {
        let is_as_read = Condition::equals("version", category.version);
        let gone = Change::delete(&self.table, keys::category(category.id), is_as_read.and(Condition::has("closing")));
        WriteSet::new()
            .with(gone, ())
            .with(self.free_slug(category), ())
            .with(self.reshape(tree_version, now), ())
            .commit()
            .await
    }
}

#[cfg(test)]
mod tests {
    use kernel::Ulid;
    use serde_json::json;

    use super::*;
    use crate::domain::{CategoryStatus, Closing, NewCategory};

    #[test]
    fn a_category_of_before_there_were_drafts_is_read_as_shown_to_everybody() {
        let row = json!({
            "pk": "CATEGORIES", "sk": "CAT#1", "type": "category", "schema": 1, "version": 3,
            "id": CategoryId::new(Ulid(1)), "slug": "tea", "title": "Tea", "parent_id": null, "position": 2,
        });
        let item: dynamo::Item = serde_dynamo::to_item(row).unwrap();
        let row: Row<Category> = serde_dynamo::from_item(item).unwrap();
        assert_eq!((row.body.status, row.body.closing), (CategoryStatus::Active, None));
    }

    #[test]
    fn only_a_category_that_is_being_deleted_has_the_mark_that_conditions_ask_for() {
        let tea: NewCategory = serde_json::from_value(json!({ "slug": "tea", "title": "Tea" })).unwrap();
        let tea = tea.into_category(CategoryId::new(Ulid(1)));
        let item = |category: Category| -> dynamo::Item {
            serde_dynamo::to_item(Row::new(keys::category(category.id), category)).unwrap()
        };
        assert!(!item(tea.clone()).contains_key("closing"));
        let closing = Some(Closing { move_to: None });
        assert!(item(Category { closing, ..tea }).contains_key("closing"));
    }
}
