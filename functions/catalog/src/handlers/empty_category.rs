//! Products move out of a category that is being deleted, each in a transaction of its own.

use dynamo::{Row, StoreError, WriteError};
use events::{Envelope, ProductChanged};
use kernel::{CategoryId, EventId, ProductId, Timestamp, Ulid};

use crate::domain::Product;
use crate::handlers::list_product::SettleOffers;
use crate::handlers::members::LoadMembers;
use crate::handlers::relist_category::RelistWork;

/// Products that one message moves.
const PRODUCTS: u16 = 25;
/// Tries when others change the same product at the same time.
const TRIES: u32 = 5;

pub trait ReadProduct {
    async fn read_product(&self, id: ProductId) -> Result<Option<Row<Product>>, StoreError>;
}

/// Puts a product into another category and tells of it; refused when it is no longer what was read, or the category takes no products.
pub trait MoveProduct {
    async fn move_product(
        &self,
        before: &Row<Product>,
        after: &Product,
        event: &Envelope<ProductChanged>,
    ) -> Result<(), WriteError<()>>;
}

/// Why a category is not emptied.
#[derive(Debug, thiserror::Error)]
pub enum NotMoved {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("product {0} changes all the time, or its new category takes none")]
    Refused(ProductId),
    #[error("none of the products listed in category {0} is in it")]
    Strays(CategoryId),
}

/// Moves some of the products of the category to `target`.
///
/// # Errors
/// [`NotMoved`].
pub(crate) async fn move_some<S: LoadMembers + ReadProduct + SettleOffers + MoveProduct>(
    catalog: &S,
    work: &RelistWork,
    target: CategoryId,
    now: Timestamp,
    new_id: fn() -> Ulid,
) -> Result<(), NotMoved> {
    let products = catalog.load_members(work.category_id, None, PRODUCTS).await?;
    let mut moved = 0;
    for product in &products {
        let move_it = Move { id: *product, target, now, new_id };
        moved += usize::from(move_it.run(catalog, work).await?);
    }
    if moved > 0 || products.is_empty() {
        return Ok(());
    }
    // Whoever was faster took them off the list as well.
    let listed_first = catalog.load_members(work.category_id, None, 1).await?;
    if products.starts_with(&listed_first) && !listed_first.is_empty() {
        Err(NotMoved::Strays(work.category_id))
    } else {
        Ok(())
    }
}

struct Move {
    id: ProductId,
    target: CategoryId,
    now: Timestamp,
    new_id: fn() -> Ulid,
}

impl Move {
    /// Whether there was anything to move: staff may have been faster.
    async fn run<S>(self, catalog: &S, work: &RelistWork) -> Result<bool, NotMoved>
    where
        S: ReadProduct + SettleOffers + MoveProduct,
    {
        for _ in 0..TRIES {
            let found = catalog.read_product(self.id).await?;
            let Some(before) = found.filter(|row| row.body.category_id == work.category_id) else { return Ok(false) };
            catalog.settle_offers(self.id).await?;
            let after = Product { category_id: self.target, updated_at: self.now, ..before.body.clone() };
            let id = EventId::new((self.new_id)());
            let event = Envelope::new(id, self.now, work.trace.clone(), before.version + 1, after.changed());
            match catalog.move_product(&before, &after, &event).await {
                Ok(()) => return Ok(true),
                Err(WriteError::Refused(_)) => {}
                Err(WriteError::Store(error)) => return Err(error.into()),
            }
        }
        Err(NotMoved::Refused(self.id))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use telemetry::Trace;

    use super::*;
    use crate::fixtures;

    /// The products that one look after the other finds in the category, although none of them is in it.
    struct Elsewhere(RefCell<Vec<Vec<ProductId>>>);

    impl LoadMembers for Elsewhere {
        async fn load_members(
            &self,
            _: CategoryId,
            _: Option<ProductId>,
            _: u16,
        ) -> Result<Vec<ProductId>, StoreError> {
            Ok(self.0.borrow_mut().remove(0))
        }
    }

    impl ReadProduct for Elsewhere {
        async fn read_product(&self, _: ProductId) -> Result<Option<Row<Product>>, StoreError> {
            Ok(None)
        }
    }

    impl SettleOffers for Elsewhere {
        async fn settle_offers(&self, _: ProductId) -> Result<(), StoreError> {
            unreachable!("there is no product")
        }
    }

    impl MoveProduct for Elsewhere {
        async fn move_product(
            &self,
            _: &Row<Product>,
            _: &Product,
            _: &Envelope<ProductChanged>,
        ) -> Result<(), WriteError<()>> {
            unreachable!("there is no product")
        }
    }

    async fn moved(looks: [Vec<ProductId>; 2]) -> Result<(), NotMoved> {
        let catalog = Elsewhere(RefCell::new(looks.to_vec()));
        let work = RelistWork { category_id: fixtures::category_id(), reached: None, trace: Trace::start("c") };
        move_some(&catalog, &work, fixtures::other_category_id(), fixtures::now(), fixtures::new_id).await
    }

    #[tokio::test]
    async fn whoever_was_slower_than_another_message_has_nothing_to_do() {
        let [tea, coffee] = [1, 2].map(|number| ProductId::new(Ulid(number)));
        for left in [vec![], vec![coffee]] {
            assert!(moved([vec![tea], left]).await.is_ok());
        }
    }

    #[tokio::test]
    async fn a_category_that_lists_what_is_not_in_it_is_not_emptied_for_ever() {
        let tea = ProductId::new(Ulid(1));
        assert!(matches!(moved([vec![tea], vec![tea]]).await, Err(NotMoved::Strays(_))));
    }
}
