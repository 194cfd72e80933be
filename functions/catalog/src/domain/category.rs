use kernel::{CategoryId, Slug};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::Title;

/// A shelf of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    pub id: CategoryId,
    pub slug: Slug,
    pub title: Title,
    /// The category above; null at the top.
    pub parent_id: Option<CategoryId>,
    /// Place among its siblings; equal places are in the order of creation.
    pub position: u16,
    #[serde(default)]
    pub status: CategoryStatus,
    /// It is being deleted, and takes no more products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
    /// Of its row, which has it already.
    #[serde(skip)]
    pub version: u64,
}

/// Who sees a category. What is further down shows less.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CategoryStatus {
    /// Everybody.
    #[default]
    Active,
    /// Whoever has its id.
    Hidden,
    /// Staff: shoppers find no products in it.
    Draft,
}

/// What becomes of a category that is being deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Where its products go; without it, it must have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub move_to: Option<CategoryId>,
}

/// A category as staff write it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCategory {
    pub slug: Slug,
    pub title: Title,
    /// The category above; none at the top.
    #[serde(default)]
    pub parent_id: Option<CategoryId>,
    #[serde(default)]
    pub position: u16,
    #[serde(default)]
    pub status: CategoryStatus,
}

impl NewCategory {
    /// The names of what is given.
    pub const FIELDS: [&str; 5] = ["slug", "title", "parent_id", "position", "status"];

    #[must_use]
    pub fn into_category(self, id: CategoryId) -> Category {
        let Self { slug, title, parent_id, position, status } = self;
        Category { id, slug, title, parent_id, position, status, closing: None, version: 1 }
    }
}

impl Category {
    /// Whether products and categories may be put into it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.closing.is_none()
    }

    /// Whether its products are listed elsewhere, or seen by others, once it is `after`.
    #[must_use]
    pub fn relists(&self, after: &Self) -> bool {
        self.parent_id != after.parent_id || self.status != after.status
    }
}
