use std::collections::BTreeMap;

use kernel::{CategoryId, Fault};

use crate::domain::{Category, CategoryStatus};

/// Levels of the tree.
pub const MAX_DEPTH: usize = 5;
/// Categories of a shop: they are always read together.
pub const MAX_CATEGORIES: usize = 1000;

/// All categories of the shop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree(BTreeMap<CategoryId, Category>);

/// Why there is no place for something in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPlace {
    #[error("There is no such category.")]
    Unknown,
    #[error("The category is being deleted.")]
    Closing,
    #[error("A category cannot be below itself.")]
    Cycle,
    #[error("Categories have at most {MAX_DEPTH} levels.")]
    TooDeep,
    #[error("A shop has at most {MAX_CATEGORIES} categories.")]
    Full,
}

impl NoPlace {
    /// As a fault of what was asked for.
    #[must_use]
    pub fn fault(self) -> Fault {
        let (pointer, code) = match self {
            Self::Unknown | Self::Closing => ("/parent_id", "category_not_found"),
            Self::Cycle => ("/parent_id", "category_cycle"),
            Self::TooDeep => ("/parent_id", "too_deep"),
            Self::Full => ("", "too_many"),
        };
        Fault { pointer: pointer.to_owned(), code, detail: self.to_string().into() }
    }
}

impl Tree {
    #[must_use]
    pub fn new(categories: impl IntoIterator<Item = Category>) -> Self {
        Self(categories.into_iter().map(|category| (category.id, category)).collect())
    }

    #[must_use]
    pub fn get(&self, id: CategoryId) -> Option<&Category> {
        self.0.get(&id)
    }

    /// A category and those above it, the nearest first.
    ///
    /// # Errors
    /// [`NoPlace::Unknown`].
    pub fn path(&self, id: CategoryId) -> Result<Vec<CategoryId>, NoPlace> {
        let mut next = Some(id);
        let mut path = Vec::new();
        while let Some(id) = next
            && path.len() < MAX_DEPTH
        {
            next = self.0.get(&id).ok_or(NoPlace::Unknown)?.parent_id;
            path.push(id);
        }
        Ok(path)
    }

    /// Whether a new category may be put below `parent`, or at the top.
    ///
    /// # Errors
    /// [`NoPlace`].
    pub fn place_new(&self, parent: Option<CategoryId>) -> Result<(), NoPlace> {
        if self.0.len() >= MAX_CATEGORIES {
            return Err(NoPlace::Full);
        }
        self.room_below(parent, 1)
    }

    /// Whether a category may be put below `parent`, or at the top, with all that is below it.
    ///
    /// # Errors
    /// [`NoPlace`].
    pub fn place(&self, id: CategoryId, parent: Option<CategoryId>) -> Result<(), NoPlace> {
        if let Some(parent) = parent
            && self.path(parent)?.contains(&id)
        {
            return Err(NoPlace::Cycle);
        }
        self.room_below(parent, self.levels(id))
    }

    fn room_below(&self, parent: Option<CategoryId>, levels: usize) -> Result<(), NoPlace> {
        let Some(parent) = parent else { return Ok(()) };
        let above = self.path(parent)?.len();
        if !self.0[&parent].is_open() {
            return Err(NoPlace::Closing);
        }
        if above + levels > MAX_DEPTH { Err(NoPlace::TooDeep) } else { Ok(()) }
    }

    /// A category and all below it, in the order of their ids.
    #[must_use]
    pub fn with_those_below(&self, id: CategoryId) -> Vec<CategoryId> {
        self.0.keys().copied().filter(|below| self.distance(*below, id).is_some()).collect()
    }

    /// How many levels `below` is under `above`; none when it is not.
    fn distance(&self, below: CategoryId, above: CategoryId) -> Option<usize> {
        self.path(below).ok()?.iter().position(|id| *id == above)
    }

    /// Levels of a category and what is below it.
    fn levels(&self, id: CategoryId) -> usize {
        self.0.keys().filter_map(|below| self.distance(*below, id)).max().map_or(1, |deepest| deepest + 1)
    }

    #[must_use]
    pub fn has_children(&self, id: CategoryId) -> bool {
        self.0.values().any(|category| category.parent_id == Some(id))
    }

    /// Whether products are on their way into a category, out of one that is being deleted.
    #[must_use]
    pub fn is_awaiting_products(&self, id: CategoryId) -> bool {
        self.0.values().any(|category| category.closing.is_some_and(|closing| closing.move_to == Some(id)))
    }

    /// Who sees a category: no more than see those above it. None if there is no such category.
    #[must_use]
    pub fn shown_to(&self, id: CategoryId) -> Option<CategoryStatus> {
        self.path(id).ok()?.iter().map(|id| self.0[id].status).max()
    }

    /// Whether shoppers find products in a category.
    #[must_use]
    pub fn has_lists(&self, id: CategoryId) -> bool {
        self.shown_to(id).is_some_and(|status| status < CategoryStatus::Draft)
    }

    /// Where shoppers find the products of a category: in itself and in those above it, drafts left out.
    #[must_use]
    pub fn shelves(&self, id: CategoryId) -> Vec<CategoryId> {
        let mut path = self.path(id).unwrap_or_default();
        path.retain(|id| self.has_lists(*id));
        path
    }

    /// Those at the top first, siblings in their order.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Category> {
        let mut categories: Vec<Category> = self.0.into_values().collect();
        categories.sort_by_key(|category| (category.parent_id, category.position, category.id));
        categories
    }

    /// [`Tree::into_sorted`], of what is shown to everybody.
    #[must_use]
    pub fn into_shown(mut self) -> Vec<Category> {
        let hidden: Vec<CategoryId> =
            self.0.keys().copied().filter(|id| self.shown_to(*id) != Some(CategoryStatus::Active)).collect();
        for id in hidden {
            self.0.remove(&id);
        }
        self.into_sorted()
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
