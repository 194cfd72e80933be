use std::collections::BTreeMap;

use kernel::{CategoryId, Slug};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::Title;

/// Levels of the tree.
pub const MAX_DEPTH: usize = 5;

/// A shelf of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Category {
    pub id: CategoryId,
    pub slug: Slug,
    pub title: Title,
    /// The category above; null at the top.
    pub parent_id: Option<CategoryId>,
    /// Place among its siblings; equal places are in the order of creation.
    pub position: u16,
}

/// A category as staff ask for it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCategory {
    pub slug: Slug,
    pub title: Title,
    #[serde(default)]
    pub parent_id: Option<CategoryId>,
    #[serde(default)]
    pub position: u16,
}

impl NewCategory {
    #[must_use]
    pub fn into_category(self, id: CategoryId) -> Category {
        Category { id, slug: self.slug, title: self.title, parent_id: self.parent_id, position: self.position }
    }
}

/// All categories of the shop.
#[derive(Debug, Clone, Default)]
pub struct Tree(BTreeMap<CategoryId, Category>);

/// Why there is no place for something in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPlace {
    #[error("There is no such category.")]
    Unknown,
    #[error("Categories have at most {MAX_DEPTH} levels.")]
    TooDeep,
}

impl Tree {
    #[must_use]
    pub fn new(categories: impl IntoIterator<Item = Category>) -> Self {
        Self(categories.into_iter().map(|category| (category.id, category)).collect())
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

    /// Whether a category may be put below `parent`.
    ///
    /// # Errors
    /// [`NoPlace`].
    pub fn place_below(&self, parent: CategoryId) -> Result<(), NoPlace> {
        if self.path(parent)?.len() < MAX_DEPTH { Ok(()) } else { Err(NoPlace::TooDeep) }
    }

    /// Parents first, siblings in their order.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Category> {
        let mut categories: Vec<Category> = self.0.into_values().collect();
        categories.sort_by_key(|category| (category.parent_id, category.position, category.id));
        categories
    }
}

#[cfg(test)]
mod tests {
    use kernel::Ulid;

    use super::*;

    fn id(number: u128) -> CategoryId {
        CategoryId::new(Ulid(number))
    }

    fn category(number: u128, parent: Option<u128>, position: u16) -> Category {
        let slug = Slug::parse(&format!("c-{number}")).unwrap();
        Category { id: id(number), slug, title: Title::parse("Tea").unwrap(), parent_id: parent.map(id), position }
    }

    #[test]
    fn a_product_is_listed_in_its_category_and_all_above() {
        let tree = Tree::new([category(1, None, 0), category(2, Some(1), 0), category(3, Some(2), 0)]);
        assert_eq!(tree.path(id(3)), Ok(vec![id(3), id(2), id(1)]));
        assert_eq!(tree.path(id(9)), Err(NoPlace::Unknown));
    }

    #[test]
    fn a_fifth_level_fits_and_a_sixth_does_not() {
        let tree = Tree::new((1..=5).map(|level| category(level, level.checked_sub(1).filter(|level| *level > 0), 0)));
        assert_eq!(tree.place_below(id(4)), Ok(()));
        assert_eq!(tree.place_below(id(5)), Err(NoPlace::TooDeep));
    }

    #[test]
    fn the_list_has_the_top_first_and_siblings_by_position() {
        let tree =
            Tree::new([category(1, None, 2), category(2, Some(1), 1), category(3, Some(1), 0), category(4, None, 1)]);
        let order: Vec<u128> = tree.into_sorted().iter().map(|category| category.id.ulid().0).collect();
        assert_eq!(order, [4, 1, 3, 2]);
    }
}
