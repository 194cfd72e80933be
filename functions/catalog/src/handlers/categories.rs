//! What all endpoints of categories have in common: how they are shown, and when there is no place for one.

use api::{Code, Problem, Response};
use dynamo::StoreError;
use kernel::{CategoryId, Slug};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{Category, CategoryStatus, Closing, NoPlace, Title, Tree};

/// All categories as all writes acknowledged before left them.
pub trait ReadCategories {
    async fn read_categories(&self) -> Result<Tree, StoreError>;
}

/// A category as shoppers see it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Category")]
pub struct CategoryView {
    id: CategoryId,
    slug: Slug,
    title: Title,
    /// The category above; null at the top.
    parent_id: Option<CategoryId>,
    /// Place among its siblings; equal places are in the order of creation.
    position: u16,
}

/// A category as staff see it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StaffCategory")]
pub struct StaffCategoryView {
    #[serde(flatten)]
    category: CategoryView,
    status: CategoryStatus,
    /// It is being deleted.
    is_closing: bool,
    /// Where its products go meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    moves_products_to: Option<CategoryId>,
}

impl CategoryView {
    #[must_use]
    pub fn of(category: Category) -> Self {
        let Category { id, slug, title, parent_id, position, .. } = category;
        Self { id, slug, title, parent_id, position }
    }
}

impl StaffCategoryView {
    #[must_use]
    pub fn of(category: Category) -> Self {
        let (status, closing) = (category.status, category.closing);
        let moves_products_to = closing.and_then(|Closing { move_to }| move_to);
        Self { status, is_closing: closing.is_some(), moves_products_to, category: CategoryView::of(category) }
    }
}

/// A category as staff change it, with its version.
#[must_use]
pub fn answer(category: Category) -> Response {
    let version = category.version;
    Response::ok(&StaffCategoryView::of(category)).versioned(version)
}

/// Why there is no place for a category below the parent that was asked for.
pub(crate) fn no_place(reason: NoPlace) -> Problem {
    match reason {
        NoPlace::Unknown | NoPlace::Closing => {
            Problem::detailed(Code::CategoryNotFound, reason.to_string()).at("/parent_id")
        }
        NoPlace::Cycle | NoPlace::TooDeep | NoPlace::Full => Problem::invalid(vec![reason.fault()]),
    }
}

pub(crate) fn slug_taken() -> Problem {
    Problem::new(Code::SlugTaken).at("/slug")
}
