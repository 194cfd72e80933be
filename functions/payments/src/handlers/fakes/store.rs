//! What the other handlers read and write.

use dynamo::{Key, Row, StoreError, WriteError};
use kernel::{OrderId, PaymentId, Timestamp};

use crate::domain::{Attempts, Payment};
use crate::handlers::close_payment::LoadHeld;
use crate::handlers::fakes::{Dead, World};
use crate::handlers::on_order_cancelled::ListPayments;
use crate::handlers::process_webhook::{Known, LoadKnown, SaveStray};
use crate::handlers::reconcile::{Case, ListUnsettled, LoadCase, Position, SaveAttempts};
use crate::handlers::{Held, Raced, SaveChange, Stamp, Step};
use crate::store::Payments;

const RACED: fn() -> WriteError<Raced> = || WriteError::Refused(vec![Raced]);

impl From<Dead> for StoreError {
    fn from(_: Dead) -> Self {
        Self::Busy("dead".into())
    }
}

impl World {
    pub(super) fn is_as_read(&self, before: &Row<Payment>) -> bool {
        self.payments.borrow()[&before.body.id].version == before.version
    }

    pub(super) fn write(&self, before: &Row<Payment>, after: &Payment) {
        let row = Row { version: before.version + 1, body: after.clone(), ..before.clone() };
        self.payments.borrow_mut().insert(after.id, row);
    }

    pub(super) fn attempts_are_as_read(&self, before: Option<&Row<Attempts>>) -> bool {
        self.attempts.borrow().as_ref().map(|row| row.version) == before.map(|row| row.version)
    }

    pub(super) fn write_attempts(&self, before: Option<&Row<Attempts>>, after: &Attempts) {
        let version = before.map_or(1, |row| row.version + 1);
        *self.attempts.borrow_mut() = Some(Row { version, ..Payments::attempts_row(after) });
    }

    /// What a step writes beside its payment; nothing, when something of it was written meanwhile.
    fn effects(
        &self,
        held: Option<&Held>,
        attempts: Option<&Row<Attempts>>,
        step: &Step,
    ) -> Result<(), WriteError<Raced>> {
        let id = step.payment.id;
        let known = held.and_then(|held| held.refund.as_ref());
        let version = |row: &Row<crate::domain::Refund>| row.version;
        let refund_is_as_read = self.refunds.borrow().get(&id).map(version) == known.map(version);
        let handled = step.event_id.as_ref().is_some_and(|event| self.events.borrow().contains(event));
        let refund_raced = step.refund.is_some() && !refund_is_as_read;
        if refund_raced || handled || (step.attempts.is_some() && !self.attempts_are_as_read(attempts)) {
            return Err(RACED());
        }
        if let Some(refund) = &step.refund {
            let mut row = Row::new(Key::new("PAYMENT", "REFUND"), refund.clone());
            row.version = known.map_or(1, |known| known.version + 1);
            self.refunds.borrow_mut().insert(id, row);
        }
        if let Some(after) = &step.attempts {
            self.write_attempts(attempts, after);
        }
        self.events.borrow_mut().extend(step.event_id.clone());
        self.told.borrow_mut().extend(step.news.clone());
        Ok(())
    }
}

impl LoadKnown for World {
    async fn load_known(&self, id: PaymentId, order: OrderId, event_id: &str) -> Result<Known, StoreError> {
        let held = self.load_held(id, order).await?;
        let order = Some(self.order.borrow().clone()).filter(|found| found.id == order);
        let handled = self.events.borrow().contains(event_id);
        Ok(Known { held, attempts: self.attempts.borrow().clone(), order, handled })
    }
}

impl LoadHeld for World {
    async fn load_held(&self, id: PaymentId, _: OrderId) -> Result<Option<Held>, StoreError> {
        self.point()?;
        let payment = self.payments.borrow().get(&id).cloned();
        let refund = self.refunds.borrow().get(&id).cloned();
        Ok(payment.map(|payment| Held { payment, refund, attempts: self.attempts.borrow().clone() }))
    }
}

impl ListPayments for World {
    async fn list_payments(&self, order: OrderId) -> Result<Vec<PaymentId>, StoreError> {
        self.point()?;
        let payments = self.payments.borrow();
        Ok(payments.values().filter(|row| row.body.order_id == order).map(|row| row.body.id).collect())
    }
}

impl SaveChange for World {
    async fn save(&self, held: &Held, step: Step, _: Stamp) -> Result<(), WriteError<Raced>> {
        self.point().map_err(StoreError::from)?;
        if !self.is_as_read(&held.payment) {
            return Err(RACED());
        }
        self.effects(Some(held), held.attempts.as_ref(), &step)?;
        self.write(&held.payment, &step.payment);
        Ok(self.point().map_err(StoreError::from)?)
    }
}

impl SaveStray for World {
    async fn save_stray(&self, known: Option<&Row<Attempts>>, step: Step, _: Stamp) -> Result<(), WriteError<Raced>> {
        self.point().map_err(StoreError::from)?;
        if self.payments.borrow().contains_key(&step.payment.id) {
            return Err(RACED());
        }
        self.effects(None, known, &step)?;
        self.payments.borrow_mut().insert(step.payment.id, Payments::row(step.payment));
        Ok(self.point().map_err(StoreError::from)?)
    }
}

impl ListUnsettled for World {
    async fn list_unsettled(
        &self,
        shard: u8,
        before: Timestamp,
        _: Option<Position>,
    ) -> Result<(Vec<OrderId>, Option<Position>), StoreError> {
        self.point()?;
        let attempts = self.attempts.borrow();
        let due = attempts.as_ref().filter(|row| {
            let place = row.index.as_ref().is_some_and(|index| index.gsi1pk == format!("UNSETTLED#{shard}"));
            place && row.body.looked_at <= before
        });
        Ok((due.into_iter().map(|row| row.body.order_id).collect(), None))
    }
}

impl LoadCase for World {
    async fn load_case(&self, id: OrderId) -> Result<Option<Case>, StoreError> {
        self.point()?;
        let order = Some(self.order.borrow().clone()).filter(|found| found.id == id);
        Ok(self.attempts.borrow().clone().map(|attempts| Case { attempts, order }))
    }
}

impl SaveAttempts for World {
    async fn save_attempts(&self, before: &Row<Attempts>, after: &Attempts) -> Result<(), WriteError<Raced>> {
        self.point().map_err(StoreError::from)?;
        if !self.attempts_are_as_read(Some(before)) {
            return Err(RACED());
        }
        self.write_attempts(Some(before), after);
        Ok(self.point().map_err(StoreError::from)?)
    }
}
