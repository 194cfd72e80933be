//! The end of a hold, for both consumers: once, whatever is delivered and however often.

use dynamo::{StoreError, WriteError};
use kernel::{EventId, OrderId, Sku, Timestamp};

use crate::domain::{Hold, Outcome};

pub trait LoadHold {
    async fn load_hold(&self, order: OrderId) -> Result<Option<Hold>, StoreError>;
}

/// Removes the hold and moves its stock.
pub trait SettleHold {
    async fn settle_hold(&self, hold: &Hold, outcome: Outcome, delivery: Delivery)
    -> Result<(), WriteError<Unsettled>>;
}

/// The event that ends a hold.
#[derive(Debug, Clone, Copy)]
pub struct Delivery {
    pub consumer: &'static str,
    pub event: EventId,
    pub now: Timestamp,
}

/// Why a hold was not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsettled {
    AlreadyDone,
    StockMissing(Sku),
}

/// The queue delivers the event again.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("less of {0} is reserved than its hold says")]
    StockMissing(Sku),
}

pub struct Deps<S> {
    pub catalog: S,
    pub now: fn() -> Timestamp,
}

/// Ends the hold of `order`. An order without one was settled before.
pub(super) async fn settle(
    catalog: &(impl LoadHold + SettleHold),
    order: OrderId,
    outcome: Outcome,
    delivery: Delivery,
) -> Result<(), Failed> {
    let Some(hold) = catalog.load_hold(order).await? else { return Ok(()) };
    match catalog.settle_hold(&hold, outcome, delivery).await {
        Ok(()) => Ok(()),
        Err(WriteError::Store(error)) => Err(error.into()),
        Err(WriteError::Refused(reasons)) => match reasons.into_iter().next() {
            Some(Unsettled::StockMissing(sku)) => Err(Failed::StockMissing(sku)),
            Some(Unsettled::AlreadyDone) | None => Ok(()),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use kernel::Ulid;

    use super::*;

    struct Fake {
        held: bool,
        refusals: Vec<Unsettled>,
        settled: Cell<Option<Outcome>>,
    }

    impl LoadHold for Fake {
        async fn load_hold(&self, order: OrderId) -> Result<Option<Hold>, StoreError> {
            let hold = Hold { order_id: order, lines: [(sku(), 2)].into(), expires_at: testkit::now() };
            Ok(self.held.then_some(hold))
        }
    }

    impl SettleHold for Fake {
        async fn settle_hold(&self, _: &Hold, outcome: Outcome, _: Delivery) -> Result<(), WriteError<Unsettled>> {
            if !self.refusals.is_empty() {
                return Err(WriteError::Refused(self.refusals.clone()));
            }
            self.settled.set(Some(outcome));
            Ok(())
        }
    }

    fn sku() -> Sku {
        Sku::parse("TEA-100").unwrap()
    }

    async fn settle_with(held: bool, refusals: Vec<Unsettled>) -> (Result<(), Failed>, Option<Outcome>) {
        let catalog = Fake { held, refusals, settled: Cell::new(None) };
        let delivery = Delivery { consumer: "consumer", event: EventId::new(Ulid(1)), now: testkit::now() };
        let result = settle(&catalog, OrderId::new(Ulid(2)), Outcome::Cancelled, delivery).await;
        (result, catalog.settled.get())
    }

    #[tokio::test]
    async fn a_hold_is_settled() {
        let (result, settled) = settle_with(true, Vec::new()).await;
        assert!(result.is_ok());
        assert_eq!(settled, Some(Outcome::Cancelled));
    }

    #[tokio::test]
    async fn an_order_that_holds_nothing_was_settled_before() {
        let (result, settled) = settle_with(false, Vec::new()).await;
        assert!(result.is_ok());
        assert_eq!(settled, None);
    }

    #[tokio::test]
    async fn whoever_comes_second_has_nothing_to_do() {
        let reasons = vec![Unsettled::AlreadyDone, Unsettled::StockMissing(sku())];
        assert!(settle_with(true, reasons).await.0.is_ok());
    }

    #[tokio::test]
    async fn a_hold_of_more_than_is_reserved_is_never_passed_over() {
        let (result, _) = settle_with(true, vec![Unsettled::StockMissing(sku())]).await;
        assert!(matches!(result, Err(Failed::StockMissing(_))));
    }
}
