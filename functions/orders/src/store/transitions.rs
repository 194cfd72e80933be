use api::idempotency::{Claim, Record};
use dynamo::{Change, Condition, Row, StoreError, WriteError, WriteSet, batch_get};
use events::{Envelope, Event};
use kernel::{EventId, OrderId};
use tracing::info;

use crate::domain::{Order, OrderEvent, OrderStatus, Transition};
use crate::handlers::cancel_order::LoadCancellation;
use crate::handlers::transition::{Announcing, LoadOrder, Once, SaveTransition, Saved};
use crate::store::{Orders, keys};

/// What a transition lost to.
#[derive(Debug, Clone, Copy)]
enum Lost {
    /// Somebody changed the order meanwhile.
    OrderChanged,
    /// The same event or request was handled meanwhile.
    Repeated,
    /// An event id is taken: no two are drawn alike.
    EventId,
    /// Something else is where orders are listed as due: nothing ever is.
    Due,
}

impl LoadOrder for Orders {
    async fn load_order(&self, id: OrderId) -> Result<Option<Row<Order>>, StoreError> {
        self.table.get(keys::order(id)).await
    }
}

impl LoadCancellation for Orders {
    async fn load_cancellation(
        &self,
        id: OrderId,
        claim: &Claim,
    ) -> Result<(Option<Row<Order>>, Option<Row<Record>>), StoreError> {
        let (table, order, record) = (&self.table, keys::order(id), claim.key());
        let mut batch = batch_get([(table, order.clone()), (table, record.clone())]).await?;
        Ok((batch.take(table, &order)?, batch.take(table, &record)?))
    }
}

impl SaveTransition for Orders {
    async fn save_transition(
        &self,
        before: &Row<Order>,
        transition: Transition,
        once: Once<'_>,
        announcing: &Announcing,
    ) -> Result<Saved, StoreError> {
        let (after, events) = transition;
        let mut set = WriteSet::new().with(self.change(before, &after), Lost::OrderChanged);
        match once {
            Once::State => {}
            Once::Event { consumer, id } => {
                set.push(queue::seen(&self.table, consumer, id, announcing.at), Lost::Repeated);
            }
            Once::Request { claim, response } => {
                let claim = claim.of_guest(&after.email);
                set.push(claim.record(&self.table, response, announcing.at), Lost::Repeated);
            }
        }
        if before.body.status == OrderStatus::PendingPayment && after.status != OrderStatus::PendingPayment {
            set.push(self.not_due(after.id), Lost::Due);
        }
        for event in events {
            set.push(self.announce(event, before.version + 1, announcing), Lost::EventId);
        }
        match set.commit().await {
            Ok(()) => Ok(Saved::Done),
            Err(WriteError::Refused(lost)) => {
                info!(order_id = %after.id, ?lost, "lost a race");
                Ok(Saved::Raced)
            }
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

impl Orders {
    /// Writes what a transition can change, if the order is still as it was read.
    fn change(&self, before: &Row<Order>, after: &Order) -> Change {
        if !after.names_the_same(&before.body) {
            let row = unlisted(before, after);
            return Change::put(&self.table, &row, Condition::equals("version", before.version));
        }
        Change::update(&self.table, before.key.clone())
            .set("status", after.status)
            .set("payment_status", after.payment_status)
            .set("captured", after.captured)
            .set("timeline", &after.timeline)
            .when(Condition::equals("version", before.version))
    }

    pub(crate) fn announce(&self, event: OrderEvent, sequence: u64, announcing: &Announcing) -> Change {
        match event {
            OrderEvent::Placed(event) => self.announce_as(event, sequence, announcing),
            OrderEvent::Confirmed(event) => self.announce_as(event, sequence, announcing),
            OrderEvent::Cancelled(event) => self.announce_as(event, sequence, announcing),
        }
    }

    fn announce_as<E: Event>(&self, event: E, sequence: u64, announcing: &Announcing) -> Change {
        let Announcing { trace, at, new_id } = announcing;
        let envelope = Envelope::new(EventId::new(new_id()), *at, trace.clone(), sequence, event);
        Change::announce(&self.table, &envelope)
    }
}

/// The row of an order whose people left: it is in no list any more.
fn unlisted(before: &Row<Order>, after: &Order) -> Row<Order> {
    Row { version: before.version + 1, index: None, body: after.clone(), ..before.clone() }
}

#[cfg(test)]
mod tests {
    use dynamo::AttributeValue;
    use testkit::now;

    use super::*;
    use crate::domain::Departed;
    use crate::domain::samples::{address, eur, pending, user_id};

    #[test]
    fn an_open_order_whose_shopper_left_keeps_what_it_takes_to_arrive_and_nothing_else_of_them() {
        let order = Order { user_id: Some(user_id()), billing_address: Some(address()), ..pending() };
        let row = Orders::first_row(&order.confirm(eur(3490), now()).unwrap().0, &[]);
        let (after, _) = row.body.clone().left_by(Departed::Shopper, now());
        assert!(!after.names_the_same(&row.body));
        let AttributeValue::M(mut item) = dynamo::value(unlisted(&row, &after)) else { panic!("a row is an item") };
        assert_eq!(item["version"], dynamo::value(row.version + 1));
        for kept in ["email", "shipping_address", "billing_address"] {
            assert!(format!("{:?}", item.remove(kept)).to_lowercase().contains("ada"), "{kept}");
        }
        let rest = format!("{item:?}");
        for word in ["ada@example.com", "Ada", "Chausseestraße", user_id().as_str(), "gsi1"] {
            assert!(!rest.contains(word), "{word} in {rest}");
        }
    }

    #[test]
    fn a_transition_that_only_moves_the_order_on_names_the_same_people() {
        let confirmed = pending().confirm(eur(3490), now()).unwrap().0;
        assert!(confirmed.names_the_same(&pending()));
    }
}
