//! What creating a payment reads and writes.

use api::Response;
use api::idempotency::{Claim, Record, Standing};
use dynamo::{Row, StoreError, WriteError};
use kernel::{OrderId, PaymentId, Timestamp};
use orders::interface::OrderStatus;

use crate::domain::{Attempts, Payment};
use crate::handlers::Raced;
use crate::handlers::create_payment::{
    BeginPayment, FinishPayment, Found, Hold, JoinPayment, LoadLive, LoadOrder, NotBegun, ShowPayment,
};
use crate::handlers::fakes::World;
use crate::store::Payments;

impl World {
    fn record(&self, claim: &Claim) -> Option<Row<Record>> {
        self.records.borrow().get(&claim.key()).cloned()
    }

    fn keep(&self, claim: &Claim, record: Record) {
        self.records.borrow_mut().insert(claim.key(), Row::new(claim.key(), record));
    }

    fn extend(&self, hold: &Hold<'_>) -> Result<(), WriteError<NotBegun>> {
        let mut order = self.order.borrow_mut();
        if order.status != OrderStatus::PendingPayment {
            return Err(WriteError::Refused(vec![NotBegun::OrderClosed]));
        }
        order.expires_at = hold.until.max(order.expires_at);
        Ok(())
    }

    /// Refuses when the key is not as it was when the request came in.
    fn still_held(&self, hold: &Hold<'_>, now: Timestamp) -> Result<(), WriteError<NotBegun>> {
        match (hold.claim.standing(self.record(hold.claim), now), &hold.left) {
            (Ok(Standing::Free), None) => Ok(()),
            (Ok(Standing::Left(found)), Some(left)) if found == *left => Ok(()),
            _ => Err(taken()),
        }
    }

    fn begun_with(&self, hold: &Hold<'_>, id: PaymentId) -> bool {
        let record = serde_json::to_value(self.record(hold.claim)).unwrap();
        record["started"]["subject"] == hold.subject(id)
    }
}

fn taken() -> WriteError<NotBegun> {
    WriteError::Refused(vec![NotBegun::Taken])
}

impl LoadOrder for World {
    async fn load_order(&self, id: OrderId, claim: &Claim) -> Result<Found, StoreError> {
        self.point().map_err(StoreError::from)?;
        let order = Some(self.order.borrow().clone()).filter(|order| order.id == id);
        let found = Found { order, attempts: self.attempts.borrow().clone(), record: self.record(claim) };
        // Others get their turn between reading and writing.
        tokio::task::yield_now().await;
        Ok(found)
    }
}

impl LoadLive for World {
    async fn load_live(&self, id: PaymentId) -> Result<Option<Row<Payment>>, StoreError> {
        self.point()?;
        Ok(self.payments.borrow().get(&id).cloned())
    }
}

impl BeginPayment for World {
    async fn begin(
        &self,
        payment: Payment,
        before: Option<&Row<Attempts>>,
        after: &Attempts,
        hold: &Hold<'_>,
        now: Timestamp,
    ) -> Result<Row<Payment>, WriteError<NotBegun>> {
        self.point().map_err(StoreError::from)?;
        self.still_held(hold, now)?;
        if !self.attempts_are_as_read(before) {
            return Err(taken());
        }
        self.extend(hold)?;
        self.keep(hold.claim, hold.claim.begun(&hold.subject(payment.id), 30, now));
        self.write_attempts(before, after);
        let row = Payments::row(payment);
        self.payments.borrow_mut().insert(row.body.id, row.clone());
        self.point().map_err(StoreError::from)?;
        Ok(row)
    }
}

impl JoinPayment for World {
    async fn join(&self, payment: PaymentId, hold: &Hold<'_>, now: Timestamp) -> Result<(), WriteError<NotBegun>> {
        self.point().map_err(StoreError::from)?;
        self.still_held(hold, now)?;
        if hold.extends() {
            self.extend(hold)?;
        }
        self.keep(hold.claim, hold.claim.begun(&hold.subject(payment), 30, now));
        Ok(self.point().map_err(StoreError::from)?)
    }
}

impl ShowPayment for World {
    async fn show(&self, hold: &Hold<'_>, response: &Response, now: Timestamp) -> Result<(), WriteError<NotBegun>> {
        self.point().map_err(StoreError::from)?;
        self.still_held(hold, now)?;
        if hold.extends() {
            self.extend(hold)?;
        }
        self.keep(hold.claim, hold.claim.answered(response, now));
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
        hold: &Hold<'_>,
        response: &Response,
        now: Timestamp,
    ) -> Result<(), WriteError<Raced>> {
        self.point().map_err(StoreError::from)?;
        let changes = before.body != *after;
        if (changes && !self.is_as_read(before)) || !self.begun_with(hold, after.id) {
            return Err(WriteError::Refused(vec![Raced]));
        }
        if changes {
            self.write(before, after);
        }
        self.keep(hold.claim, hold.claim.answered(response, now));
        Ok(self.point().map_err(StoreError::from)?)
    }

    async fn leave(
        &self,
        before: &Row<Payment>,
        after: &Payment,
        hold: &Hold<'_>,
        now: Timestamp,
    ) -> Result<(), WriteError<Raced>> {
        self.point().map_err(StoreError::from)?;
        assert!(self.begun_with(hold, after.id), "only what was begun can be left");
        if before.body != *after {
            self.write(before, after);
        }
        self.keep(hold.claim, hold.claim.begun(&hold.subject(after.id), 0, now));
        Ok(self.point().map_err(StoreError::from)?)
    }
}
