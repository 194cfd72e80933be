//! The end of a category that is being deleted: it goes when it is empty, and stays when it was to go only if it was.

use dynamo::{StoreError, WriteError};
use kernel::{CategoryId, Timestamp};

use crate::domain::{Category, Closing};
use crate::handlers::members::LoadMembers;
use crate::handlers::tree::{LoadTree, TRIES};

/// Writes the end; refused when category or tree are no longer what was read.
pub trait Finish {
    /// Lets it live on.
    async fn reopen_category(&self, category: &Category) -> Result<(), WriteError<()>>;

    async fn remove_category(
        &self,
        category: &Category,
        tree_version: Option<u64>,
        now: Timestamp,
    ) -> Result<(), WriteError<()>>;
}

/// What became of a category that is being deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Gone,
    /// It has products, and nobody said where they are to go: it stays.
    Stays,
    /// Its products have not all gone yet.
    HasProducts,
    /// Others change the tree all the time.
    Busy,
}

/// Ends it, if it can be ended. Doing so again is harmless.
///
/// # Errors
/// [`StoreError`].
pub async fn finish<S: LoadTree + LoadMembers + Finish>(
    catalog: &S,
    id: CategoryId,
    now: Timestamp,
) -> Result<Ending, StoreError> {
    for _ in 0..TRIES {
        let grown = catalog.load_tree().await?;
        let Some(category) = grown.tree.get(id) else { return Ok(Ending::Gone) };
        let Some(Closing { move_to }) = category.closing else { return Ok(Ending::Stays) };
        // Since it is marked, nothing is put into it: what is empty now stays empty.
        let is_empty = catalog.load_members(id, None, 1).await?.is_empty();
        let (written, ending) = if is_empty {
            (catalog.remove_category(category, grown.version, now).await, Ending::Gone)
        } else if move_to.is_some() {
            return Ok(Ending::HasProducts);
        } else {
            (catalog.reopen_category(category).await, Ending::Stays)
        };
        match written {
            Ok(()) => return Ok(ending),
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error),
        }
    }
    Ok(Ending::Busy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::handlers::fakes::Shelves;

    #[tokio::test]
    async fn an_empty_category_goes() {
        let shelves = Shelves::tea().closing(None);
        assert_eq!(finish(&shelves, fixtures::category_id(), fixtures::now()).await.unwrap(), Ending::Gone);
        assert!(shelves.category().is_none());
        let again = finish(&shelves, fixtures::category_id(), fixtures::now()).await.unwrap();
        assert_eq!(again, Ending::Gone, "and once more changes nothing");
    }

    #[tokio::test]
    async fn a_category_with_products_stays_unless_they_are_on_their_way_out() {
        let shelves = Shelves::tea().with_products(1).closing(None);
        assert_eq!(finish(&shelves, fixtures::category_id(), fixtures::now()).await.unwrap(), Ending::Stays);
        assert!(shelves.category().unwrap().is_open());
        let shelves = Shelves::tea().with_products(1).closing(Some(fixtures::other_category_id()));
        assert_eq!(finish(&shelves, fixtures::category_id(), fixtures::now()).await.unwrap(), Ending::HasProducts);
        assert!(!shelves.category().unwrap().is_open());
    }

    #[tokio::test]
    async fn whoever_is_slower_looks_again() {
        let shelves = Shelves::tea().closing(None).refusing(1);
        assert_eq!(finish(&shelves, fixtures::category_id(), fixtures::now()).await.unwrap(), Ending::Gone);
        let shelves = Shelves::tea().closing(None).refusing(TRIES);
        assert_eq!(finish(&shelves, fixtures::category_id(), fixtures::now()).await.unwrap(), Ending::Busy);
    }
}
