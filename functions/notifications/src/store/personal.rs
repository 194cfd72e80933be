//! What is kept about people, for those who leave and those who ask.

use std::collections::BTreeSet;

use dynamo::{Entity as _, Item, Query, StoreError, Table};
use events::UserExportRequested;
use privacy::{Collect, Forget, Leaver, Tombstone, erase};
use serde_json::{Value, json};

use crate::domain::Delivery;
use crate::store::deliveries::Deliveries;
use crate::store::keys;

impl Forget for Deliveries {
    type Error = StoreError;

    async fn forget(&self, leaver: &Leaver) -> Result<(), StoreError> {
        Tombstone::put(&self.table, &leaver.user_id, leaver.deleted_at).await?;
        let about = self.table.all_items(Query::about(&leaver.user_id)).await?;
        for index in addresses(leaver, &about) {
            for item in self.table.all_items(Query::index(index)).await? {
                erase(&self.table, Table::key_of(&item)).await?;
            }
        }
        // Only now: they are what leads to the addresses.
        for item in &about {
            erase(&self.table, Table::key_of(item)).await?;
        }
        Ok(())
    }
}

impl Collect for Deliveries {
    async fn collect(&self, asked: &UserExportRequested) -> Result<Value, StoreError> {
        let mut items = self.table.all_items(Query::about(&asked.user_id)).await?;
        items.extend(self.table.all_items(Query::index(keys::recipient_index(&asked.email))).await?);
        let mails: Vec<Value> = items
            .into_iter()
            .filter(is_delivery)
            .map(|item| Table::decode::<Delivery>(item).map(|row| shown(&row.body)))
            .collect::<Result<_, _>>()?;
        Ok(json!({ "mails": mails }))
    }
}

/// Where the index has what was sent to whoever leaves as a guest: at their last address, and at those that mails to their account went
/// to before.
fn addresses(leaver: &Leaver, about: &[Item]) -> BTreeSet<String> {
    let before = about.iter().filter(|item| is_delivery(item)).map(Table::key_of);
    let before = before.filter_map(|key| keys::recipient_index_of(&key));
    before.chain(leaver.email.as_ref().map(keys::recipient_index)).collect()
}

/// Other kinds of rows may be about somebody, too.
fn is_delivery(item: &Item) -> bool {
    Table::type_of(item) == Delivery::TYPE
}

fn shown(delivery: &Delivery) -> Value {
    let Delivery { notice, order_id, status, started_at, .. } = delivery;
    json!({ "notice": notice, "order_id": order_id, "status": status, "at": started_at })
}

#[cfg(test)]
mod tests {
    use dynamo::{AttributeValue, Row};
    use kernel::Email;
    use telemetry::Trace;

    use super::*;
    use crate::domain::examples::{NOW, delivery, event_id, user_id};

    fn to(address: &str) -> Item {
        let address = Email::parse(address).unwrap();
        match dynamo::value(Row::new(keys::mail(event_id(), &address), delivery()).about(&user_id())) {
            AttributeValue::M(item) => item,
            other => panic!("a row is an item, not {other:?}"),
        }
    }

    #[test]
    fn what_went_to_an_address_of_before_is_found_too() {
        let email = |address: &str| Email::parse(address).unwrap();
        let trace = Trace::start("c");
        let leaver = Leaver { user_id: user_id(), email: Some(email("new@example.com")), deleted_at: NOW, trace };
        let mut other = to("old@example.com");
        other.insert("type".to_owned(), AttributeValue::S("digest".to_owned()));
        assert!(is_delivery(&to("old@example.com")) && !is_delivery(&other));
        let expected = ["new@example.com", "old@example.com"].map(|address| keys::recipient_index(&email(address)));
        assert_eq!(addresses(&leaver, &[to("old@example.com"), other]), BTreeSet::from(expected));
    }
}
