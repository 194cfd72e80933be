//! What all who walk through a category's products have in common.

use dynamo::StoreError;
use kernel::{CategoryId, ProductId};

/// The next products of a category, whatever their status; not those of categories below it. Sees every write acknowledged before.
pub trait LoadMembers {
    async fn load_members(
        &self,
        category: CategoryId,
        after: Option<ProductId>,
        limit: u16,
    ) -> Result<Vec<ProductId>, StoreError>;
}
