use dynamo::{Change, Condition, Entity, Personal, Row, StoreError, Table, WriteError, WriteSet};
use kernel::{Email, EventId, Timestamp};

use crate::domain::{Delivery, Outcome, Status, lease};
use crate::handlers::send_email::{RecordOutcome, StartDelivery, TakeOver};
use crate::store::keys;

/// The notifications' table.
#[derive(Debug, Clone)]
pub struct Deliveries {
    table: Table,
}

impl Entity for Delivery {
    const TYPE: &'static str = "mail";
    // The key holds a hash of the address, and the order leads to the person.
    const PERSONAL: Personal = Personal::Erase;
}

impl Deliveries {
    /// The table that `NOTIFICATIONS_TABLE` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self { table: Table::from_env("NOTIFICATIONS_TABLE").await? })
    }

    async fn load(&self, event: EventId, to: &Email) -> Result<Option<Delivery>, StoreError> {
        Ok(self.table.get::<Delivery>(keys::mail(event, to)).await?.map(from_row))
    }

    /// A change of the delivery exactly as it was read.
    fn change(&self, delivery: &Delivery, to: &Email) -> Change {
        Change::update(&self.table, keys::mail(delivery.event_id, to))
            .when(Condition::equals("version", delivery.version))
    }
}

impl StartDelivery for Deliveries {
    async fn start(&self, delivery: &Delivery, to: &Email) -> Result<Option<Delivery>, StoreError> {
        let row = Row::new(keys::mail(delivery.event_id, to), delivery.clone());
        let row = row.expiring(delivery.kept_until().epoch_seconds());
        match WriteSet::new().with(Change::create(&self.table, &row), ()).commit().await {
            Ok(()) => Ok(None),
            Err(WriteError::Refused(_)) => self.load(delivery.event_id, to).await,
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl TakeOver for Deliveries {
    async fn take_over(&self, found: &Delivery, to: &Email, now: Timestamp) -> Result<Delivery, WriteError<()>> {
        let change = self.change(found, to).set("status", Status::Sending).set("lease_until", lease(now));
        Ok(from_row(change.apply::<Delivery>().await?))
    }
}

impl RecordOutcome for Deliveries {
    async fn record(&self, delivery: &Delivery, to: &Email, outcome: Outcome) -> Result<(), WriteError<()>> {
        let change = self.change(delivery, to).set("status", outcome.status());
        let change = match outcome {
            Outcome::Sent { provider_message_id } => {
                change.set("provider_message_id", provider_message_id).remove("error")
            }
            Outcome::Waiting { error } | Outcome::Failed { error } => change.set("error", error),
        };
        change.apply::<Delivery>().await.map(|_| ())
    }
}

fn from_row(row: Row<Delivery>) -> Delivery {
    Delivery { version: row.version, ..row.body }
}
