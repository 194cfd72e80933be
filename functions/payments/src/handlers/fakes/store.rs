use api::Response;
use api::idempotency::{Claim, Record, Standing, Started};
use dynamo::{Key, Row, StoreError, WriteError};
use kernel::{OrderId, PaymentId, Timestamp};
use orders::interface::{Order, OrderStatus};

use crate::domain::Payment;
use crate::handlers::close_payment::LoadHeld;
use crate::handlers::create_payment::{BeginPayment, Extension, FinishPayment, LoadOrder, NotBegun, ResumePayment};
use crate::handlers::fakes::{Dead, World};
use crate::handlers::on_order_cancelled::ListPayments;
use crate::handlers::process_webhook::{Known, LoadKnown};
use crate::handlers::{Held, Raced, SaveChange, Stamp, Step};
use crate::store::Payments;

impl From<Dead> for StoreError {
    fn from(_: Dead) -> Self {
        Self::Busy("dead".into())
    }
}

impl World {
    fn record(&self, claim: &Claim) -> Option<Row<Record>> {
        self.records.borrow().get(&claim.key()).cloned()
    }

    fn keep(&self, claim: &Claim, record: Record) {
        self.records.borrow_mut().insert(claim.key(), Row::new(claim.key(), record));
    }

    fn extend<T>(&self, extension: &Extension) -> Result<(), WriteError<T>>
    where
        NotBegun: Into<T>,
    {
        let mut order = self.order.borrow_mut();
        if order.status != OrderStatus::PendingPayment {
            return Err(WriteError::Refused(vec![NotBegun::OrderClosed.into()]));
        }
        order.expires_at = extension.until;
        Ok(())
    }

    fn begun_with(&self, claim: &Claim, id: PaymentId) -> bool {
        let record = serde_json::to_value(self.record(claim)).unwrap();
        record["started"]["subject"] == id.to_string()
    }

    fn is_as_read(&self, before: &Row<Payment>) -> bool {
        self.payments.borrow()[&before.body.id].version == before.version
    }

    fn write(&self, before: &Row<Payment>, after: &Payment) {
        let row = Row { version: before.version + 1, body: after.clone(), ..before.clone() };
        self.payments.borrow_mut().insert(after.id, row);
    }
}

impl LoadOrder for World {
    async fn load_order(&self, id: OrderId, claim: &Claim) -> Result<(Option<Order>, Option<Row<Record>>), StoreError> {
        self.point().map_err(StoreError::from)?;
        let order = self.order.borrow().clone();
        Ok((Some(order).filter(|order| order.id == id), self.record(claim)))
    }
}

impl BeginPayment for World {
    async fn begin(
        &self,
        payment: Payment,
        extension: &Extension,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<Row<Payment>, WriteError<NotBegun>> {
        self.point().map_err(StoreError::from)?;
        if !matches!(claim.standing(self.record(claim), now), Ok(Standing::Free)) {
            return Err(WriteError::Refused(vec![NotBegun::KeyTaken]));
        }
        self.extend::<NotBegun>(extension)?;
        self.keep(claim, claim.begun(&payment.id.to_string(), 30, now));
        let row = Payments::row(payment);
        self.payments.borrow_mut().insert(row.body.id, row.clone());
        self.point().map_err(StoreError::from)?;
        Ok(row)
    }
}

impl ResumePayment for World {
    async fn resume(
        &self,
        extension: &Extension,
        claim: &Claim,
        left: &Started,
        now: Timestamp,
    ) -> Result<(), WriteError<NotBegun>> {
        self.point().map_err(StoreError::from)?;
        match claim.standing(self.record(claim), now) {
            Ok(Standing::Left(found)) if found == *left => {}
            _ => return Err(WriteError::Refused(vec![NotBegun::KeyTaken])),
        }
        self.extend::<NotBegun>(extension)?;
        self.keep(claim, claim.begun(&left.subject, 30, now));
        Ok(self.point().map_err(StoreError::from)?)
    }
}

impl FinishPayment for World {
    async fn reload(
        &self,
        id: PaymentId,
        claim: &Claim,
    ) -> Result<(Option<Row<Payment>>, Option<Row<Record>>), StoreError> {
        self.point()?;
        Ok((self.payments.borrow().get(&id).cloned(), self.record(claim)))
    }

    async fn finish(
        &self,
        before: &Row<Payment>,
        after: &Payment,
        claim: &Claim,
        response: &Response,
        now: Timestamp,
    ) -> Result<(), WriteError<Raced>> {
        self.point().map_err(StoreError::from)?;
        if !self.is_as_read(before) || !self.begun_with(claim, after.id) {
            return Err(WriteError::Refused(vec![Raced]));
        }
        self.write(before, after);
        self.keep(claim, claim.answered(response, now));
        Ok(self.point().map_err(StoreError::from)?)
    }

    async fn leave(&self, id: PaymentId, claim: &Claim, now: Timestamp) -> Result<(), WriteError<Raced>> {
        self.point().map_err(StoreError::from)?;
        assert!(self.begun_with(claim, id), "only what was begun can be left");
        self.keep(claim, claim.begun(&id.to_string(), 0, now));
        Ok(self.point().map_err(StoreError::from)?)
    }
}

impl LoadKnown for World {
    async fn load_known(&self, id: PaymentId, order: OrderId, event_id: &str) -> Result<Known, StoreError> {
        let held = self.load_held(id).await?;
        let order = Some(self.order.borrow().clone()).filter(|found| found.id == order);
        Ok(Known { held, order, handled: self.events.borrow().contains(event_id) })
    }
}

impl LoadHeld for World {
    async fn load_held(&self, id: PaymentId) -> Result<Option<Held>, StoreError> {
        self.point()?;
        let payment = self.payments.borrow().get(&id).cloned();
        Ok(payment.map(|payment| Held { payment, refund: self.refunds.borrow().get(&id).cloned() }))
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
        let id = step.payment.id;
        let version = |row: &Row<crate::domain::Refund>| row.version;
        let refund_is_as_read = self.refunds.borrow().get(&id).map(version) == held.refund.as_ref().map(version);
        let handled = step.event_id.as_ref().is_some_and(|event| self.events.borrow().contains(event));
        if !self.is_as_read(&held.payment) || (step.refund.is_some() && !refund_is_as_read) || handled {
            return Err(WriteError::Refused(vec![Raced]));
        }
        self.write(&held.payment, &step.payment);
        if let Some(refund) = step.refund {
            let mut row = Row::new(Key::new("PAYMENT", "REFUND"), refund);
            row.version = held.refund.as_ref().map_or(1, |known| known.version + 1);
            self.refunds.borrow_mut().insert(id, row);
        }
        self.events.borrow_mut().extend(step.event_id);
        self.told.borrow_mut().extend(step.news);
        Ok(self.point().map_err(StoreError::from)?)
    }
}
