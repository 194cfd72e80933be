use dynamo::{Change, Condition, Entity, Key, Personal, Row, StoreError, Table, WriteError, WriteSet};
use kernel::Timestamp;
use privacy::Tombstone;

use crate::domain::{Delivery, Notice, Outcome, Status, lease};
use crate::handlers::send_email::{RecordOutcome, StartDelivery, Started, TakeOver};
use crate::store::keys;

/// The notifications' table.
#[derive(Debug, Clone)]
pub struct Deliveries {
    pub(super) table: Table,
}

/// Why a delivery was not claimed.
enum NotStarted {
    /// It was tried before.
    Tried,
    /// Whoever it is about has left.
    Left,
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

    /// The table itself, for what this service tells others.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// A change of the delivery exactly as it was read.
    fn change(&self, delivery: &Delivery, notice: &Notice) -> Change {
        Change::update(&self.table, key(notice)).when(Condition::equals("version", delivery.version))
    }
}

impl StartDelivery for Deliveries {
    async fn start(&self, delivery: &Delivery, notice: &Notice) -> Result<Started, StoreError> {
        let row = Row::new(key(notice), delivery.clone()).expiring(delivery.kept_until().epoch_seconds());
        let row = listed(row, notice);
        let mut set = WriteSet::new().with(Change::create(&self.table, &row), NotStarted::Tried);
        if let Some(user) = notice.to.user_id.as_ref().filter(|_| !notice.about.is_farewell()) {
            set.push(Tombstone::check(&self.table, user), NotStarted::Left);
        }
        match set.commit().await {
            Ok(()) => Ok(Started::Claimed),
            Err(WriteError::Refused(why)) if why.iter().any(|why| matches!(why, NotStarted::Left)) => Ok(Started::Left),
            Err(WriteError::Refused(_)) => {
                let found = self.table.get::<Delivery>(key(notice)).await?.map(from_row);
                Ok(found.map_or(Started::Claimed, Started::Found))
            }
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl TakeOver for Deliveries {
    async fn take_over(&self, found: &Delivery, notice: &Notice, now: Timestamp) -> Result<Delivery, WriteError<()>> {
        let change = self.change(found, notice).set("status", Status::Sending).set("lease_until", lease(now));
        Ok(from_row(change.apply::<Delivery>().await?))
    }
}

impl RecordOutcome for Deliveries {
    async fn record(&self, delivery: &Delivery, notice: &Notice, outcome: Outcome) -> Result<(), WriteError<()>> {
        let change = self.change(delivery, notice).set("status", outcome.status());
        let change = match outcome {
            Outcome::Sent { provider_message_id } => {
                change.set("provider_message_id", provider_message_id).remove("error")
            }
            Outcome::Waiting { error } | Outcome::Failed { error } => change.set("error", error),
        };
        change.apply::<Delivery>().await.map(|_| ())
    }
}

fn key(notice: &Notice) -> Key {
    if notice.about.is_farewell() {
        keys::farewell(notice.event_id)
    } else {
        keys::mail(notice.event_id, &notice.to.email)
    }
}

/// Found by the person whom it is about, so that it goes with them; what says farewell leads to nobody.
fn listed(row: Row<Delivery>, notice: &Notice) -> Row<Delivery> {
    match &notice.to.user_id {
        _ if notice.about.is_farewell() => row,
        Some(user) => row.about(user),
        None => row.indexed(keys::recipient_index(&notice.to.email), notice.event_id.to_string()),
    }
}

pub(super) fn from_row(row: Row<Delivery>) -> Delivery {
    Delivery { version: row.version, ..row.body }
}

#[cfg(test)]
mod tests {
    use dynamo::{AttributeValue, Item};
    use kernel::Locale;

    use super::*;
    use crate::domain::examples::{delivery, notice, user_id};
    use crate::domain::{About, AccountNews, Recipient};

    fn stored(notice: &Notice) -> Item {
        match dynamo::value(listed(Row::new(key(notice), delivery()), notice)) {
            AttributeValue::M(item) => item,
            other => panic!("a row is an item, not {other:?}"),
        }
    }

    fn to_ada(news: AccountNews) -> Notice {
        let to = Recipient { locale: Locale::En, user_id: Some(user_id()), ..notice().to };
        Notice { to, about: About::Account { news, name: "Ada".into() }, ..notice() }
    }

    #[test]
    fn a_record_is_found_by_whom_it_is_about() {
        let index = |notice: &Notice| stored(notice)["gsi1pk"].as_s().unwrap().clone();
        assert_eq!(index(&to_ada(AccountNews::PasswordChanged)), format!("PERSON#{}", user_id()));
        assert_eq!(index(&notice()), keys::recipient_index(&notice().to.email));
    }

    #[test]
    fn the_record_of_a_farewell_leads_to_nobody() {
        let text = format!("{:?}", stored(&to_ada(AccountNews::Deleted)));
        assert!(!text.contains("gsi1pk") && !text.contains(user_id().as_str()));
        assert_eq!(key(&to_ada(AccountNews::Deleted)).pk, format!("MAIL#{}#email#farewell", notice().event_id));
    }
}
