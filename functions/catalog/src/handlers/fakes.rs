//! A shop of two categories, for tests of what changes them.

use std::sync::Mutex;

use dynamo::{StoreError, WriteError};
use kernel::{CategoryId, ProductId, Timestamp, Ulid};
use serde_json::json;

use crate::domain::{Category, Closing, NewCategory, Tree};
use crate::fixtures;
use crate::handlers::closing::Finish;
use crate::handlers::list_categories::LoadCategories;
use crate::handlers::members::LoadMembers;
use crate::handlers::tree::{Grown, LoadTree};

/// Tea, which tests are about, and coffee beside it; the products are all in tea.
pub(crate) struct Shelves {
    pub(crate) tree: Mutex<Tree>,
    pub(crate) products: Mutex<Vec<ProductId>>,
    /// Writes that somebody else is faster than.
    pub(crate) refusals: Mutex<u32>,
}

pub(crate) fn category(id: CategoryId, slug: &str) -> Category {
    let new: NewCategory = serde_json::from_value(json!({ "slug": slug, "title": slug })).unwrap();
    new.into_category(id)
}

impl Shelves {
    pub(crate) fn tea() -> Self {
        let coffee = category(fixtures::other_category_id(), "coffee");
        let tree = Tree::new([category(fixtures::category_id(), "tea"), coffee]);
        Self { tree: Mutex::new(tree), products: Mutex::default(), refusals: Mutex::default() }
    }

    pub(crate) fn with_products(self, count: u128) -> Self {
        *self.products.lock().unwrap() = (1..=count).map(|number| ProductId::new(Ulid(number))).collect();
        self
    }

    /// Tea is being deleted.
    pub(crate) fn closing(self, move_to: Option<CategoryId>) -> Self {
        self.change(|category| category.closing = Some(Closing { move_to }));
        self
    }

    pub(crate) fn refusing(self, times: u32) -> Self {
        *self.refusals.lock().unwrap() = times;
        self
    }

    /// Tea as it is.
    pub(crate) fn category(&self) -> Option<Category> {
        self.tree.lock().unwrap().get(fixtures::category_id()).cloned()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Category)) {
        let mut category = self.category().unwrap();
        change(&mut category);
        self.put(category);
    }

    pub(crate) fn put(&self, category: Category) {
        let mut tree = self.tree.lock().unwrap();
        let id = category.id;
        let others = tree.clone().into_sorted().into_iter().filter(|other| other.id != id);
        *tree = Tree::new(others.chain([category]));
    }

    fn remove(&self, id: CategoryId) {
        let mut tree = self.tree.lock().unwrap();
        let others = tree.clone().into_sorted().into_iter().filter(|other| other.id != id);
        *tree = Tree::new(others);
    }

    /// `refused`, as often as somebody else is to be faster.
    pub(crate) fn race<R>(&self, refused: R) -> Result<(), WriteError<R>> {
        let mut refusals = self.refusals.lock().unwrap();
        if *refusals == 0 {
            return Ok(());
        }
        *refusals -= 1;
        Err(WriteError::Refused(vec![refused]))
    }
}

impl LoadTree for Shelves {
    async fn load_tree(&self) -> Result<Grown, StoreError> {
        Ok(Grown { tree: self.tree.lock().unwrap().clone(), version: Some(7) })
    }
}

impl LoadCategories for Shelves {
    async fn load_categories(&self) -> Result<Tree, StoreError> {
        Ok(self.tree.lock().unwrap().clone())
    }
}

impl LoadMembers for Shelves {
    async fn load_members(
        &self,
        category: CategoryId,
        after: Option<ProductId>,
        limit: u16,
    ) -> Result<Vec<ProductId>, StoreError> {
        let products = self.products.lock().unwrap().clone().into_iter();
        let next = products.filter(|product| category == fixtures::category_id() && Some(*product) > after);
        Ok(next.take(limit.into()).collect())
    }
}

impl Finish for Shelves {
    async fn reopen_category(&self, _: &Category) -> Result<(), WriteError<()>> {
        self.race(())?;
        self.change(|category| category.closing = None);
        Ok(())
    }

    async fn remove_category(
        &self,
        category: &Category,
        tree_version: Option<u64>,
        _: Timestamp,
    ) -> Result<(), WriteError<()>> {
        assert_eq!(tree_version, Some(7), "under the version that was read");
        self.race(())?;
        self.remove(category.id);
        Ok(())
    }
}
