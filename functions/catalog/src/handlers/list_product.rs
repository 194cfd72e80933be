//! The queue of products whose lists may have to change: brings what lists show of a product in line with what it is.
//!
//! Nobody else writes lists. Whoever writes looks again: what others changed between reading and writing, and told of before the write,
//! was told too early. So the work ends with a look that finds nothing to do, and may be done again at any time.

use dynamo::{Row, StoreError};
use events::{Envelope, ProductArchived, ProductChanged, Unreadable, read_rule_message};
use kernel::{ProductId, Sku};
use queue::Message;
use serde::{Deserialize, Serialize};
use telemetry::Trace;
use tracing::info;

use crate::domain::{Display, Offer, Product};
use crate::handlers::tree::LoadTree;
use crate::store::Listed;

/// Looks at one product; then the queue tries again, minutes later.
const ROUNDS: u32 = 8;

/// A product that may be listed otherwise than it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListWork {
    pub product_id: ProductId,
    #[serde(flatten)]
    pub trace: Trace,
}

impl Message for ListWork {
    fn read(body: &str) -> Result<Self, Unreadable> {
        if let Ok(work) = serde_json::from_str(body) {
            return Ok(work);
        }
        match read_rule_message::<ProductArchived>(body) {
            Ok(Envelope { trace, data, .. }) => Ok(Self { product_id: data.product_id, trace }),
            Err(_) => {
                let Envelope { trace, data, .. } = read_rule_message::<ProductChanged>(body)?;
                Ok(Self { product_id: data.product_id, trace })
            }
        }
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

/// Puts products into that queue.
pub trait QueueListing {
    async fn queue_listing(&self, products: &[ProductId], trace: &Trace) -> Result<(), NotQueued>;
}

/// The queue did not take a message.
#[derive(Debug, thiserror::Error)]
#[error("the queue did not take the message")]
pub struct NotQueued(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// A product as it is, and what lists have of it.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub product: Option<Row<Product>>,
    pub listed: Option<Row<Listed>>,
}

pub trait LoadListed {
    async fn load_listed(&self, id: ProductId) -> Result<Found, StoreError>;
}

/// Ends what an edit of many variants left to be done.
pub trait SettleOffers {
    async fn settle_offers(&self, product: ProductId) -> Result<(), StoreError>;
}

pub trait LoadOffers {
    /// In the order of `skus`.
    async fn load_offers(&self, skus: &[Sku]) -> Result<Vec<Offer>, StoreError>;
}

pub trait SaveListed {
    /// Makes lists show `display`, or nothing; only what differs is written, and only if all is still as it was found.
    async fn save_listed(
        &self,
        id: ProductId,
        found: &Found,
        display: Option<&Display>,
    ) -> Result<Relisting, StoreError>;
}

/// What listing a product came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relisting {
    NothingToDo,
    Written,
    /// Somebody was faster; nothing was written.
    Raced,
}

pub struct Deps<S> {
    pub catalog: S,
}

/// Why the message stays in its queue.
#[derive(Debug, thiserror::Error)]
pub enum NotListed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("product {0} changes all the time")]
    Busy(ProductId),
}

/// # Errors
/// [`NotListed`]: the queue delivers the message again.
pub async fn handle<S>(deps: &Deps<S>, work: ListWork) -> Result<(), NotListed>
where
    S: LoadListed + SettleOffers + LoadOffers + LoadTree + SaveListed,
{
    let (catalog, id) = (&deps.catalog, work.product_id);
    for round in 0..ROUNDS {
        // In this order: whoever writes lists in between makes this write one that is refused.
        let found = catalog.load_listed(id).await?;
        let mut display = None;
        if let Some(product) = &found.product {
            catalog.settle_offers(id).await?;
            let offers = catalog.load_offers(&product.body.skus).await?;
            display = Some(Display::of(&product.body, &offers, &catalog.load_tree().await?.tree));
        }
        if catalog.save_listed(id, &found, display.as_ref()).await? == Relisting::NothingToDo {
            info!(product.id = %id, looks = round + 1, "product {id} is listed as it is");
            return Ok(());
        }
    }
    Err(NotListed::Busy(id))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use dynamo::Key;
    use events::Event;
    use kernel::{EventId, Ulid};
    use serde_json::json;

    use super::*;
    use crate::fixtures;
    use crate::handlers::fakes::Shelves;
    use crate::handlers::tree::Grown;

    /// What somebody else does between two looks.
    type Surprise = fn(&Fake) -> Relisting;

    /// A tea; what lists show of it; and what happens to it just before a write.
    struct Fake {
        product: Mutex<Option<Product>>,
        shown: Mutex<Option<Display>>,
        surprises: Mutex<Vec<Surprise>>,
        settled: Mutex<u32>,
        available: Mutex<i64>,
    }

    impl Fake {
        fn of_tea(surprises: &[Surprise]) -> Self {
            Self {
                product: Mutex::new(Some(fixtures::tea().0)),
                shown: Mutex::default(),
                surprises: Mutex::new(surprises.to_vec()),
                settled: Mutex::default(),
                available: Mutex::default(),
            }
        }

        fn in_stock(&self) -> Option<bool> {
            Some(self.shown.lock().unwrap().as_ref()?.summary.as_ref()?.in_stock)
        }
    }

    impl LoadListed for Fake {
        async fn load_listed(&self, _: ProductId) -> Result<Found, StoreError> {
            let product = self.product.lock().unwrap().clone();
            Ok(Found { product: product.map(|product| Row::new(Key::new("P", "P"), product)), listed: None })
        }
    }

    impl SettleOffers for Fake {
        async fn settle_offers(&self, _: ProductId) -> Result<(), StoreError> {
            *self.settled.lock().unwrap() += 1;
            Ok(())
        }
    }

    impl LoadOffers for Fake {
        async fn load_offers(&self, _: &[Sku]) -> Result<Vec<Offer>, StoreError> {
            let available = *self.available.lock().unwrap();
            Ok(fixtures::tea().1.into_iter().map(|offer| Offer { available, ..offer }).collect())
        }
    }

    impl LoadTree for Fake {
        async fn load_tree(&self) -> Result<Grown, StoreError> {
            Shelves::tea().load_tree().await
        }
    }

    impl SaveListed for Fake {
        async fn save_listed(
            &self,
            _: ProductId,
            _: &Found,
            display: Option<&Display>,
        ) -> Result<Relisting, StoreError> {
            if *self.shown.lock().unwrap() == display.cloned() {
                return Ok(Relisting::NothingToDo);
            }
            let surprise = self.surprises.lock().unwrap().pop();
            if surprise.is_some_and(|surprise| surprise(self) == Relisting::Raced) {
                return Ok(Relisting::Raced);
            }
            *self.shown.lock().unwrap() = display.cloned();
            Ok(Relisting::Written)
        }
    }

    fn work() -> ListWork {
        ListWork { product_id: fixtures::tea().0.id, trace: Trace::start("c") }
    }

    async fn listed(fake: Fake) -> Fake {
        let deps = Deps { catalog: fake };
        handle(&deps, work()).await.unwrap();
        deps.catalog
    }

    #[tokio::test]
    async fn a_product_is_listed_as_it_is_with_its_offers_settled_first() {
        let fake = listed(Fake::of_tea(&[])).await;
        assert_eq!((fake.in_stock(), *fake.settled.lock().unwrap()), (Some(false), 2));
    }

    #[tokio::test]
    async fn a_product_that_is_gone_leaves_the_lists() {
        let fake = listed(Fake::of_tea(&[])).await;
        *fake.product.lock().unwrap() = None;
        assert_eq!(listed(fake).await.shown.into_inner().unwrap(), None);
    }

    #[tokio::test]
    async fn what_changes_between_reading_and_writing_is_listed_too() {
        let sold_out: fn(&Fake) -> Relisting = |fake| {
            *fake.available.lock().unwrap() = 0;
            Relisting::Written
        };
        let fake = Fake::of_tea(&[sold_out]);
        *fake.available.lock().unwrap() = 1;
        assert_eq!(listed(fake).await.in_stock(), Some(false));
    }

    #[tokio::test]
    async fn whoever_is_slower_looks_again_but_not_for_ever() {
        let raced: fn(&Fake) -> Relisting = |_| Relisting::Raced;
        assert_eq!(listed(Fake::of_tea(&[raced; 6])).await.in_stock(), Some(false));
        let busy = handle(&Deps { catalog: Fake::of_tea(&[raced; 8]) }, work()).await;
        assert!(matches!(busy, Err(NotListed::Busy(_))));
    }

    #[test]
    fn the_queue_holds_both_events_of_products_and_bare_ids() {
        let (product, _) = fixtures::tea();
        fn message<E: Event>(data: E) -> String {
            let id = EventId::new(Ulid(1));
            let event = Envelope::new(id, fixtures::now(), Trace::start("c"), 1, data);
            json!({ "detail-type": E::DETAIL_TYPE, "detail": event }).to_string()
        }
        let bare = serde_json::to_string(&work()).unwrap();
        for body in [message(product.changed()), message(product.archived()), bare] {
            assert_eq!(ListWork::read(&body).unwrap(), work());
        }
        let other = message(events::CategoryChanged { category_id: product.category_id });
        assert!(matches!(ListWork::read(&other), Err(Unreadable::OtherType { .. })));
    }
}
