//! The queue of SKUs that can be bought again: tells everybody who waits for one, some at a time.
//!
//! An alert goes in the transaction that announces it, so each is told once, however often the SKU's message comes. What sells out
//! meanwhile is told to nobody any more: those who are left wait on.

use std::collections::BTreeMap;

use dynamo::{Row, StoreError, WriteError};
use events::{BackInStock, Envelope, Unreadable};
use kernel::{Email, EventId, Locale, ProductId, Sku, Slug, Timestamp, Ulid};
use queue::Message;
use serde::{Deserialize, Serialize};
use telemetry::Trace;
use tracing::info;
use users::interface::Profile;

use crate::domain::{Addressee, Offer, StockAlert};
use crate::handlers::list_product::NotQueued;

/// Alerts of one message; those behind them have the next.
pub const AT_ONCE: u16 = 25;

/// A SKU that somebody may wait for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertWork {
    pub sku: Sku,
    #[serde(flatten)]
    pub trace: Trace,
}

impl Message for AlertWork {
    fn read(body: &str) -> Result<Self, Unreadable> {
        Ok(serde_json::from_str(body)?)
    }

    fn trace(&self) -> &Trace {
        &self.trace
    }
}

/// Puts SKUs into that queue.
pub trait QueueAlerts {
    async fn queue_alerts(&self, work: &AlertWork) -> Result<(), NotQueued>;
}

pub trait LoadAlerts {
    /// The first of those who wait, [`AT_ONCE`] at most.
    async fn load_alerts(&self, sku: &Sku) -> Result<Vec<Row<StockAlert>>, StoreError>;
}

/// What there is to tell, and to whom.
#[derive(Debug, Clone, Default)]
pub struct Told {
    pub offer: Option<Offer>,
    /// Of the products whose variant the SKU was when somebody asked.
    pub slugs: BTreeMap<ProductId, Slug>,
    /// Of those who wait with an account.
    pub profiles: Vec<Profile>,
}

pub trait LoadTold {
    async fn load_told(&self, sku: &Sku, alerts: &[Row<StockAlert>]) -> Result<Told, StoreError>;
}

pub trait TellAlert {
    /// Removes the alert with its slot and announces `event`, if there is anybody to hear it; refused when the alert is gone.
    async fn tell_alert(
        &self,
        alert: &Row<StockAlert>,
        event: Option<&Envelope<BackInStock>>,
        now: Timestamp,
    ) -> Result<(), WriteError<()>>;
}

pub struct Deps<S, Q> {
    pub alerts: S,
    pub queue: Q,
    pub now: fn() -> Timestamp,
    pub new_id: fn() -> Ulid,
}

/// Why the message stays in its queue.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] NotQueued),
}

/// # Errors
/// [`NotSent`]: the queue delivers the message again.
pub async fn handle<S, Q>(deps: &Deps<S, Q>, work: AlertWork) -> Result<(), NotSent>
where
    S: LoadAlerts + LoadTold + TellAlert,
    Q: QueueAlerts,
{
    let alerts = deps.alerts.load_alerts(&work.sku).await?;
    if alerts.is_empty() {
        return Ok(());
    }
    let Told { offer, slugs, profiles } = deps.alerts.load_told(&work.sku, &alerts).await?;
    let Some(offer) = offer.filter(Offer::can_be_bought) else { return Ok(()) };
    let slug = slugs.get(&offer.product_id);
    let mut announced = 0;
    for alert in &alerts {
        let now = (deps.now)();
        // A SKU that nobody had ordered may be another product's by now.
        let slug = slug.filter(|_| alert.body.product_id == offer.product_id);
        let recipient = recipient(&alert.body, &profiles, now);
        let event = slug.zip(recipient).map(|(slug, (email, locale))| {
            let data = BackInStock {
                sku: offer.sku.clone(),
                product_id: offer.product_id,
                slug: slug.clone(),
                title: offer.title.clone(),
                variant_title: offer.variant_title.clone(),
                email,
                locale,
                user_id: alert.body.to.user_id().cloned(),
            };
            Envelope::new(EventId::new((deps.new_id)()), now, work.trace.clone(), alert.version, data)
        });
        match deps.alerts.tell_alert(alert, event.as_ref(), now).await {
            Ok(()) => announced += u32::from(event.is_some()),
            // Another delivery told it, or whoever waited has left.
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    info!(sku = %work.sku, announced, "told who waited");
    if alerts.len() >= usize::from(AT_ONCE) {
        deps.queue.queue_alerts(&work).await?;
    }
    Ok(())
}

/// Where and in which language somebody hears; nobody when they waited too long, or left.
fn recipient(alert: &StockAlert, profiles: &[Profile], now: Timestamp) -> Option<(Email, Locale)> {
    if alert.expires_at <= now {
        return None;
    }
    match &alert.to {
        Addressee::Guest { email, locale } => Some((email.clone(), *locale)),
        Addressee::User { user_id } => {
            let profile = profiles.iter().find(|profile| profile.id == *user_id)?;
            Some((profile.email.clone(), profile.locale))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use kernel::ulid_at;
    use serde_json::json;

    use kernel::UserId;

    use super::*;
    use crate::fixtures;
    use crate::store::keys;

    /// A tea, who waits for it, and what was told.
    struct Fake {
        available: i64,
        waiting: Mutex<Vec<Row<StockAlert>>>,
        events: Mutex<Vec<BackInStock>>,
        sent_on: Mutex<u32>,
        is_overtaken: bool,
    }

    fn sku() -> Sku {
        fixtures::tea().1.remove(0).sku
    }

    fn guest(number: u32) -> Addressee {
        Addressee::Guest { email: format!("guest-{number}@example.com").parse().unwrap(), locale: Locale::De }
    }

    fn user() -> UserId {
        fixtures::STAFF.parse().unwrap()
    }

    fn fake(waiting: Vec<Addressee>) -> Fake {
        let asked_at = fixtures::now().plus_seconds(-60);
        let row = |(number, to): (usize, Addressee)| {
            let alert = StockAlert::new(sku(), fixtures::tea().0.id, to, 0, asked_at);
            Row::new(keys::alert(&sku(), &number.to_string()), alert)
        };
        Fake {
            available: 3,
            waiting: Mutex::new(waiting.into_iter().enumerate().map(row).collect()),
            events: Mutex::default(),
            sent_on: Mutex::default(),
            is_overtaken: false,
        }
    }

    impl LoadAlerts for &Fake {
        async fn load_alerts(&self, _: &Sku) -> Result<Vec<Row<StockAlert>>, StoreError> {
            Ok(self.waiting.lock().unwrap().iter().take(AT_ONCE.into()).cloned().collect())
        }
    }

    impl LoadTold for &Fake {
        async fn load_told(&self, _: &Sku, alerts: &[Row<StockAlert>]) -> Result<Told, StoreError> {
            let (product, mut offers) = fixtures::tea();
            let offer = Offer { available: self.available, ..offers.remove(0) };
            let profile = |id: &UserId| {
                serde_json::from_value(json!({
                    "id": id, "email": "ada@example.com", "name": "Ada", "locale": "en", "created_at": fixtures::now(),
                }))
                .unwrap()
            };
            let waiting = alerts.iter().filter_map(|row| row.body.to.user_id());
            let profiles = waiting.filter(|id| **id == user()).map(profile).collect();
            Ok(Told { offer: Some(offer), slugs: [(product.id, product.slug)].into(), profiles })
        }
    }

    impl TellAlert for &Fake {
        async fn tell_alert(
            &self,
            alert: &Row<StockAlert>,
            event: Option<&Envelope<BackInStock>>,
            _: Timestamp,
        ) -> Result<(), WriteError<()>> {
            if self.is_overtaken {
                return Err(WriteError::Refused(vec![()]));
            }
            self.waiting.lock().unwrap().retain(|row| row.key != alert.key);
            self.events.lock().unwrap().extend(event.map(|event| event.data.clone()));
            Ok(())
        }
    }

    impl QueueAlerts for &Fake {
        async fn queue_alerts(&self, _: &AlertWork) -> Result<(), NotQueued> {
            *self.sent_on.lock().unwrap() += 1;
            Ok(())
        }
    }

    async fn back(fake: &Fake) -> Vec<String> {
        let new_id = || ulid_at(fixtures::now(), 1);
        let deps = Deps { alerts: fake, queue: fake, now: fixtures::now, new_id };
        handle(&deps, AlertWork { sku: sku(), trace: Trace::start("c") }).await.unwrap();
        fake.events.lock().unwrap().iter().map(|event| event.email.as_str().to_owned()).collect()
    }

    #[tokio::test]
    async fn guests_and_shoppers_hear_of_it_once() {
        let fake = fake(vec![guest(1), Addressee::User { user_id: user() }]);
        for _ in 0..2 {
            assert_eq!(back(&fake).await, ["guest-1@example.com", "ada@example.com"]);
        }
        let events = fake.events.lock().unwrap();
        assert_eq!((events[0].locale, &events[0].user_id), (Locale::De, &None));
        assert_eq!((events[1].locale, events[1].user_id.as_ref()), (Locale::En, Some(&user())));
        assert_eq!((events[0].slug.as_str(), events[0].title.as_str()), ("darjeeling", "Darjeeling"));
    }

    #[tokio::test]
    async fn what_sold_out_again_is_waited_for_on() {
        let fake = Fake { available: 0, ..fake(vec![guest(1)]) };
        assert!(back(&fake).await.is_empty());
        assert_eq!(fake.waiting.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn whoever_left_or_waited_too_long_hears_nothing_and_waits_no_more() {
        let other: UserId = "00000000-0000-4000-8000-000000000000".parse().unwrap();
        let fake = fake(vec![Addressee::User { user_id: other }, guest(1)]);
        fake.waiting.lock().unwrap()[1].body.expires_at = fixtures::now();
        assert!(back(&fake).await.is_empty());
        assert!(fake.waiting.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn whoever_waited_for_another_product_of_the_same_sku_hears_nothing() {
        let fake = fake(vec![guest(1), guest(2)]);
        fake.waiting.lock().unwrap()[0].body.product_id = ProductId::new(Ulid(99));
        assert_eq!(back(&fake).await, ["guest-2@example.com"]);
        assert!(fake.waiting.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn whom_another_delivery_told_is_not_told_again() {
        let fake = Fake { is_overtaken: true, ..fake(vec![guest(1)]) };
        assert!(back(&fake).await.is_empty());
    }

    #[tokio::test]
    async fn many_are_told_in_several_messages() {
        let fake = fake((0..60).map(guest).collect());
        assert_eq!((back(&fake).await.len(), *fake.sent_on.lock().unwrap()), (25, 1));
        assert_eq!((back(&fake).await.len(), *fake.sent_on.lock().unwrap()), (50, 2));
        assert_eq!((back(&fake).await.len(), *fake.sent_on.lock().unwrap()), (60, 2));
    }

    #[test]
    fn the_queue_holds_what_was_put_into_it() {
        let work = AlertWork { sku: sku(), trace: Trace::start("c") };
        assert_eq!(AlertWork::read(&serde_json::to_string(&work).unwrap()).unwrap(), work);
        assert!(matches!(AlertWork::read("{}"), Err(Unreadable::Json(_))));
    }
}
