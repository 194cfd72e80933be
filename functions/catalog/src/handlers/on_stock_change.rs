//! Changes of variants' rows, as the table's stream brings them: lists follow when a product sells out or is back, with one message for
//! all its variants; what runs low is announced; and whoever waits for a SKU hears that it is there.
//!
//! The stream brings a batch again after a failure. An event's id follows from its record, so it is announced once; looking at lists and
//! alerts once more changes nothing.

use std::collections::BTreeMap;
use std::slice;

use aws_lc_rs::digest::{SHA256, digest};
use dynamo::{Row, StoreError};
use events::{Envelope, StockLow};
use futures_util::future::{join, join_all};
use kernel::{EventId, ProductId, Timestamp, ulid_at};
use telemetry::Trace;
use tracing::{error, info};

use crate::domain::{Offer, StockNews};
use crate::handlers::list_product::{NotQueued, QueueListing};
use crate::handlers::send_stock_alerts::{AlertWork, QueueAlerts};

/// One change of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct StockChange {
    /// The stream's id of the record: the same whenever it is brought.
    pub id: String,
    pub at: Timestamp,
    pub before: Row<Offer>,
    pub after: Row<Offer>,
}

impl StockChange {
    fn news(&self) -> StockNews {
        StockNews::between(&self.before.body, &self.after.body)
    }

    fn event_id(&self) -> EventId {
        EventId::new(ulid_at(self.at, random_of(&self.id)))
    }

    fn trace(&self) -> Trace {
        Trace::start(format!("stock-{}-{}", self.after.body.sku, self.event_id()))
    }
}

/// What the stream brought: a change, or what cannot be read as one.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    Change(Box<StockChange>),
    /// The record as text, and why.
    Unreadable {
        text: String,
        cause: String,
    },
}

pub trait AnnounceLow {
    /// Announces `event` unless it was announced before.
    async fn announce_low(&self, event: &Envelope<StockLow>) -> Result<(), StoreError>;
}

pub trait Bury {
    /// Puts what cannot be read where somebody will look at it.
    async fn bury(&self, text: String) -> Result<(), NotQueued>;
}

pub struct Deps<S, L, A, D> {
    pub catalog: S,
    pub lists: L,
    pub alerts: A,
    pub dead_letters: D,
    pub now: fn() -> Timestamp,
}

/// Why the stream brings the batch again.
#[derive(Debug, thiserror::Error)]
pub enum NotTold {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] NotQueued),
}

/// Sees to all records side by side, whatever becomes of each.
///
/// # Errors
/// The first [`NotTold`]; whatever was done may be done again.
pub async fn handle<S, L, A, D>(deps: &Deps<S, L, A, D>, records: Vec<Record>) -> Result<(), NotTold>
where
    S: AnnounceLow,
    L: QueueListing,
    A: QueueAlerts,
    D: Bury,
{
    let relisted = to_relist(&records);
    let queued =
        join_all(relisted.iter().map(|(product, trace)| deps.lists.queue_listing(slice::from_ref(product), trace)));
    let told = join_all(records.into_iter().map(|record| see_to(deps, record)));
    let (queued, told) = join(queued, told).await;
    queued.into_iter().map(|queued| queued.map_err(NotTold::from)).chain(told).collect()
}

/// The products whose lists may have to change, each once, however many of its variants changed.
fn to_relist(records: &[Record]) -> BTreeMap<ProductId, Trace> {
    let changes = records.iter().filter_map(|record| match record {
        Record::Change(change) if change.news().relist => Some(change),
        Record::Change(_) | Record::Unreadable { .. } => None,
    });
    changes.map(|change| (change.after.body.product_id, change.trace())).collect()
}

async fn see_to<S, L, A, D>(deps: &Deps<S, L, A, D>, record: Record) -> Result<(), NotTold>
where
    S: AnnounceLow,
    A: QueueAlerts,
    D: Bury,
{
    match record {
        Record::Change(change) => tell(deps, *change).await,
        Record::Unreadable { text, cause } => {
            error!(cause, "a stock row cannot be read");
            Ok(deps.dead_letters.bury(text).await?)
        }
    }
}

async fn tell<S, L, A, D>(deps: &Deps<S, L, A, D>, change: StockChange) -> Result<(), NotTold>
where
    S: AnnounceLow,
    A: QueueAlerts,
{
    let news = change.news();
    if news.is_nothing() {
        return Ok(());
    }
    let (event_id, trace) = (change.event_id(), change.trace());
    let StockNews { relist, back, low } = news;
    let Row { body: Offer { sku, available, .. }, version, .. } = &change.after;
    info!(correlation_id = trace.correlation_id, %sku, available, relist, back, low = low.is_some(), "stock news");
    if back {
        deps.alerts.queue_alerts(&AlertWork { sku: sku.clone(), trace: trace.clone() }).await?;
    }
    if let Some(low) = low {
        // The time is that of the telling: the sweep passes by each hour once.
        deps.catalog.announce_low(&Envelope::new(event_id, (deps.now)(), trace, *version, low)).await?;
    }
    Ok(())
}

/// The random part of an id, the same for the same record.
fn random_of(id: &str) -> u128 {
    let hash = digest(&SHA256, id.as_bytes());
    hash.as_ref().iter().take(10).fold(0, |bits, byte| (bits << 8) | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::fixtures;
    use crate::store::keys;

    /// Everything at once, which writes down what it is asked and fails on demand.
    #[derive(Default)]
    struct Shop {
        told: Mutex<Vec<String>>,
        events: Mutex<Vec<Envelope<StockLow>>>,
        is_busy: bool,
    }

    impl Shop {
        fn tells(&self, what: String) {
            self.told.lock().unwrap().push(what);
        }
    }

    impl AnnounceLow for &Shop {
        async fn announce_low(&self, event: &Envelope<StockLow>) -> Result<(), StoreError> {
            if self.is_busy {
                return Err(StoreError::Busy("others".into()));
            }
            self.tells(format!("{} of {} left", event.data.available, event.data.low_at));
            self.events.lock().unwrap().push(event.clone());
            Ok(())
        }
    }

    impl QueueListing for &Shop {
        async fn queue_listing(&self, products: &[ProductId], _: &Trace) -> Result<(), NotQueued> {
            assert_eq!(products, [fixtures::tea().0.id]);
            self.tells("relist".to_owned());
            Ok(())
        }
    }

    impl QueueAlerts for &Shop {
        async fn queue_alerts(&self, work: &AlertWork) -> Result<(), NotQueued> {
            self.tells(format!("{} is back", work.sku));
            Ok(())
        }
    }

    impl Bury for &Shop {
        async fn bury(&self, text: String) -> Result<(), NotQueued> {
            self.tells(format!("buried {text}"));
            Ok(())
        }
    }

    fn change(id: &str, before: i64, after: i64) -> Record {
        let row = |available: i64, version: u64| {
            let offer = Offer { available, on_hand: available, ..fixtures::tea().1.remove(0) };
            Row { version, ..Row::new(keys::stock(&offer.sku), offer) }
        };
        let (before, after) = (row(before, 7), row(after, 8));
        Record::Change(Box::new(StockChange { id: id.to_owned(), at: fixtures::now(), before, after }))
    }

    async fn brought(shop: &Shop, records: Vec<Record>) -> Result<(), NotTold> {
        let deps = Deps { catalog: shop, lists: shop, alerts: shop, dead_letters: shop, now: fixtures::now };
        handle(&deps, records).await
    }

    #[tokio::test]
    async fn a_stock_that_goes_and_comes_is_told_to_whom_it_concerns() {
        for (before, after, expected) in [
            (9, 7, vec![]),
            (6, 3, vec!["3 of 5 left"]),
            (6, 0, vec!["relist", "0 of 5 left"]),
            (0, 3, vec!["relist", "TEA-100 is back"]),
        ] {
            let shop = Shop::default();
            brought(&shop, vec![change("r", before, after)]).await.unwrap();
            assert_eq!(*shop.told.lock().unwrap(), expected, "{before} to {after}");
        }
    }

    #[tokio::test]
    async fn a_record_that_is_brought_again_tells_the_same_event() {
        let shop = Shop::default();
        for _ in 0..2 {
            brought(&shop, vec![change("r", 9, 3)]).await.unwrap();
        }
        brought(&shop, vec![change("other", 9, 3)]).await.unwrap();
        let told = shop.events.lock().unwrap();
        assert_eq!((told[0].clone(), told[0].sequence), (told[1].clone(), 8));
        assert_ne!(told[0].id, told[2].id);
        assert_eq!(told[0].id.ulid().timestamp_ms(), fixtures::now().epoch_millis().unsigned_abs());
    }

    #[tokio::test]
    async fn one_record_that_fails_or_cannot_be_read_keeps_nothing_from_the_others() {
        let unreadable = || Record::Unreadable { text: "{}".to_owned(), cause: "no sku".to_owned() };
        let shop = Shop { is_busy: true, ..Shop::default() };
        let records = vec![change("1", 9, 0), unreadable(), change("2", 0, 9)];
        let failed = brought(&shop, records).await;
        assert!(matches!(failed, Err(NotTold::Store(_))), "the stream brings it again");
        assert_eq!(*shop.told.lock().unwrap(), ["relist", "buried {}", "TEA-100 is back"]);
        let shop = Shop::default();
        brought(&shop, vec![unreadable()]).await.unwrap();
    }
}
