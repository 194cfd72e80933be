use dynamo::{
    BatchGet, Change, Condition, Entity, Key, Personal, Query, Row, StoreError, Table, WriteError, WriteSet, batch_get,
};
use events::{Envelope, Event, PaymentCaptured, PaymentFailed, PaymentRefunded};
use kernel::{EventId, OrderId, PaymentId, RefundId, Ulid};
use serde::{Deserialize, Serialize};

use crate::domain::{Attempts, News, Payment, PaymentStatus, Refund};
use crate::handlers::close_payment::LoadHeld;
use crate::handlers::get_payment::LoadPayment;
use crate::handlers::on_order_cancelled::ListPayments;
use crate::handlers::{Held, Raced, SaveChange, Stamp, Step};
use crate::store::{ProviderEvent, keys};

/// The payments' table.
#[derive(Debug, Clone)]
pub struct Payments {
    pub(crate) table: Table,
}

impl Entity for Payment {
    const TYPE: &'static str = "payment";
    // The law wants to see where an order's money came from; who paid it can go.
    const PERSONAL: Personal = Personal::Anonymise;
}

impl Entity for Refund {
    const TYPE: &'static str = "refund";
    const PERSONAL: Personal = Personal::None;
}

/// Leads from a shopper to a payment of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    pub(crate) payment_id: PaymentId,
}

impl Entity for Owner {
    const TYPE: &'static str = "payment_owner";
    const PERSONAL: Personal = Personal::Erase;
}

impl Payments {
    /// The table that `PAYMENTS_TABLE` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self { table: Table::from_env("PAYMENTS_TABLE").await? })
    }

    /// The table itself, for what this service tells others.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Lists a new payment of a shopper among what is kept about them; its own place in the index is its order's.
    pub(crate) fn owned(&self, payment: &Payment) -> Option<Change> {
        let user = payment.user_id.as_ref()?;
        let row = Row::new(keys::owner(payment.id), Owner { payment_id: payment.id });
        Some(Change::create(&self.table, &row.about(user)))
    }

    /// A new payment, found by its order too.
    pub(crate) fn row(payment: Payment) -> Row<Payment> {
        let (order, place) = (keys::order_index(payment.order_id), payment.id.ulid().to_string());
        Row::new(keys::payment(payment.id), payment).indexed(order, place)
    }

    /// Writes what can change of a payment, if nobody has written since it was read.
    pub(crate) fn update(&self, before: &Row<Payment>, after: &Payment) -> Change {
        let change = Change::update(&self.table, keys::payment(after.id))
            .when(Condition::equals("version", before.version))
            .set("status", after.status)
            .set("captured", after.captured)
            .set("refunded", after.refunded)
            .set("surplus", after.surplus)
            .set("failures", after.failures)
            .set("updated_at", after.updated_at);
        let change = set_or_remove(change, "provider_id", after.provider_id.as_ref());
        let change = set_or_remove(change, "client_secret", after.client_secret.as_ref());
        set_or_remove(change, "failure", after.failure.as_ref())
    }

    fn put_refund(&self, known: Option<&Row<Refund>>, refund: &Refund) -> Change {
        let mut row = Row::new(keys::refund(refund.payment_id, refund.id), refund.clone());
        match known {
            None => Change::create(&self.table, &row),
            Some(known) => {
                row.version = known.version + 1;
                Change::put(&self.table, &row, Condition::equals("version", known.version))
            }
        }
    }

    /// Where the rows of [`Held`] are.
    pub(crate) fn held_keys(id: PaymentId, order: OrderId) -> [Key; 3] {
        [keys::payment(id), keys::refund(id, Refund::closing_id(id)), keys::attempts(order)]
    }

    /// The payment with what belongs to it, and the order's attempts also without it.
    pub(crate) fn take_held(
        &self,
        found: &mut BatchGet,
        id: PaymentId,
        order: OrderId,
    ) -> Result<(Option<Held>, Option<Row<Attempts>>), StoreError> {
        let [payment, refund, attempts] = Self::held_keys(id, order);
        let attempts: Option<Row<Attempts>> = found.take(&self.table, &attempts)?;
        let refund = found.take(&self.table, &refund)?;
        let payment = found.take(&self.table, &payment)?;
        Ok((payment.map(|payment| Held { payment, refund, attempts: attempts.clone() }), attempts))
    }

    /// All that a step writes beside its payment, which will have `version`.
    pub(crate) fn with_effects(
        &self,
        mut set: WriteSet<Raced>,
        (refund, attempts): (Option<&Row<Refund>>, Option<&Row<Attempts>>),
        step: &Step,
        version: u64,
        stamp: Stamp,
    ) -> WriteSet<Raced> {
        if let Some(after) = &step.refund {
            set.push(self.put_refund(refund, after), Raced);
        }
        if let Some(after) = &step.attempts {
            set.push(self.put_attempts(attempts, after), Raced);
        }
        if let Some(event_id) = &step.event_id {
            set.push(ProviderEvent::mark(&self.table, event_id, stamp.now), Raced);
        }
        for change in self.announce(step, version, stamp) {
            set.push(change, Raced);
        }
        set
    }

    /// What `news` about a payment are to the rest of the shop.
    fn announce(&self, step: &Step, version: u64, stamp: Stamp) -> Vec<Change> {
        let payment = &step.payment;
        let (payment_id, order_id) = (payment.id, payment.order_id);
        let refund_id = |new_id: fn() -> Ulid| match &step.refund {
            Some(refund) if payment.status == PaymentStatus::Refunded => refund.id,
            _ => RefundId::new(new_id()),
        };
        let tell = |news: &News| match news {
            News::Captured(amount) => {
                self.event(payment, version, stamp, PaymentCaptured { payment_id, order_id, amount: *amount })
            }
            News::Failed(code) => {
                self.event(payment, version, stamp, PaymentFailed { payment_id, order_id, code: code.clone() })
            }
            News::Refunded(amount) => {
                let refund_id = refund_id(stamp.new_id);
                self.event(
                    payment,
                    version,
                    stamp,
                    PaymentRefunded { refund_id, payment_id, order_id, amount: *amount },
                )
            }
        };
        step.news.iter().map(tell).collect()
    }

    /// An event goes on under the id that the payment began with, so that one id leads from the request to the mail.
    fn event<E: Event>(&self, payment: &Payment, version: u64, stamp: Stamp, data: E) -> Change {
        let id = EventId::new((stamp.new_id)());
        Change::announce(&self.table, &Envelope::new(id, stamp.now, payment.trace.clone(), version, data))
    }
}

impl LoadPayment for Payments {
    async fn load_payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        Ok(self.table.get(keys::payment(id)).await?.map(|row| row.body))
    }
}

impl LoadHeld for Payments {
    async fn load_held(&self, id: PaymentId, order: OrderId) -> Result<Option<Held>, StoreError> {
        let mut found = batch_get(Self::held_keys(id, order).map(|key| (&self.table, key))).await?;
        Ok(self.take_held(&mut found, id, order)?.0)
    }
}

impl ListPayments for Payments {
    async fn list_payments(&self, order: OrderId) -> Result<Vec<PaymentId>, StoreError> {
        // The index may not know a payment yet that was begun a moment ago; the attempts do.
        let attempts = self.table.get::<Attempts>(keys::attempts(order)).await?;
        let mut ids = attempts.map(|row| row.body.payments).unwrap_or_default();
        let mut next = None;
        loop {
            let page = self.table.query::<Payment>(Query::index(keys::order_index(order)).after(next)).await?;
            let others: Vec<_> = page.rows.into_iter().map(|row| row.body.id).filter(|id| !ids.contains(id)).collect();
            ids.extend(others);
            next = page.next;
            if next.is_none() {
                return Ok(ids);
            }
        }
    }
}

impl SaveChange for Payments {
    async fn save(&self, held: &Held, step: Step, stamp: Stamp) -> Result<(), WriteError<Raced>> {
        let set = WriteSet::new().with(self.update(&held.payment, &step.payment), Raced);
        let before = (held.refund.as_ref(), held.attempts.as_ref());
        self.with_effects(set, before, &step, held.payment.version + 1, stamp).commit().await
    }
}

fn set_or_remove(change: Change, name: &str, value: Option<&impl serde::Serialize>) -> Change {
    match value {
        Some(value) => change.set(name, value),
        None => change.remove(name),
    }
}

#[cfg(test)]
mod tests {
    use dynamo::{AttributeValue, Item};

    use super::*;
    use crate::domain::examples::{captured, created, pending};
    use crate::domain::{Failure, examples};

    fn stored(payment: Payment) -> Item {
        match dynamo::value(Payments::row(payment)) {
            AttributeValue::M(item) => item,
            other => panic!("a row is an item, not {other:?}"),
        }
    }

    #[test]
    fn a_payment_is_read_as_it_was_written_with_what_a_later_release_adds_passed_over() {
        let failure = Failure { code: "card_declined".into(), detail: "The card was declined.".into() };
        for payment in [created(), pending(), captured(), pending().refused(failure, examples::at(9))] {
            let mut item = stored(payment.clone());
            item.insert("risk_score".to_owned(), AttributeValue::Bool(true));
            assert_eq!(Table::decode::<Payment>(item).unwrap().body, payment);
        }
    }

    #[test]
    fn a_payment_is_found_by_its_order() {
        let (payment, item) = (created(), stored(created()));
        assert_eq!(item["gsi1pk"], AttributeValue::S(format!("ORDER#{}", payment.order_id)));
        assert_eq!(item["gsi1sk"], AttributeValue::S(payment.id.ulid().to_string()));
    }
}
