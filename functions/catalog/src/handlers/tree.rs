//! What all who change the tree of categories have in common: they read it, decide, and write only if nobody else changed it since.

use dynamo::StoreError;

use crate::domain::Tree;

/// Rounds of reading and deciding again before somebody else is let through.
pub const TRIES: u32 = 5;

/// The tree as it is, with the version that its next change names.
pub trait LoadTree {
    async fn load_tree(&self) -> Result<Grown, StoreError>;
}

/// All categories as of one version of the tree, or a later one.
#[derive(Debug, Clone, Default)]
pub struct Grown {
    pub tree: Tree,
    /// None before the first category.
    pub version: Option<u64>,
}
