//! What asking for a payment does to the tables of payments and orders.

use api::Response;
use api::idempotency::{Claim, Record, Standing};
use dynamo::{Row, StoreError, WriteError};
use kernel::{OrderId, PaymentId, Timestamp};
use orders::domain::{Order, OrderStatus};
use payments::domain::{Attempts, Payment, plan};
use payments::handlers::Raced;
use payments::handlers::create_payment::{
    BeginPayment, FinishPayment, Found, Hold, JoinPayment, LoadLive, LoadOrder, NotBegun, ShowPayment,
};

use crate::coverage::PaymentFact;
use crate::world::{State, World, next};

const LEASE_SECONDS: i64 = 30;

impl State {
    /// Whether the key is still as the request found it, and the order open, where that is asked.
    fn may_begin(&self, hold: &Hold<'_>, open: bool, now: Timestamp) -> Result<(), WriteError<NotBegun>> {
        let as_found = match (hold.claim.standing(self.record(hold.claim), now), &hold.left) {
            (Ok(Standing::Free), None) => true,
            (Ok(Standing::Left(found)), Some(left)) => found == *left,
            _ => false,
        };
        if !as_found {
            return Err(WriteError::Refused(vec![NotBegun::Taken]));
        }
        if open && self.orders[&hold.order.id].body.status != OrderStatus::PendingPayment {
            return Err(WriteError::Refused(vec![NotBegun::OrderClosed]));
        }
        Ok(())
    }

    fn hold_open(&mut self, hold: &Hold<'_>) {
        let row = &self.orders[&hold.order.id];
        let expires_at = hold.until.max(hold.order.expires_at);
        let after = next(row, Order { expires_at, ..row.body.clone() });
        self.orders.insert(hold.order.id, after);
    }

    fn claimed_for(&self, hold: &Hold<'_>, payment: PaymentId) -> bool {
        let record = serde_json::to_value(self.record(hold.claim)).unwrap();
        record["started"]["subject"] == hold.subject(payment)
    }

    /// Whether the payment can be written; what does not change need not be as it was read.
    fn can_write(&self, before: &Row<Payment>, after: &Payment) -> bool {
        before.body == *after || self.payments[&before.body.id].version == before.version
    }

    fn write_payment(&mut self, before: &Row<Payment>, after: &Payment) {
        if *after != before.body {
            self.note(format_args!("    {} is {:?}", after.id, after.status));
            self.payments.insert(after.id, next(before, after.clone()));
        }
    }
}

impl LoadOrder for World {
    async fn load_order(&self, id: OrderId, claim: &Claim) -> Result<Found, StoreError> {
        let (order, (attempts, record)) = self
            .batch(
                |state| state.orders.get(&id).map(|row| row.body.clone()),
                |state| (state.attempts.get(&id).cloned(), state.record(claim)),
            )
            .await;
        Ok(Found { order, attempts, record })
    }
}

impl LoadLive for World {
    async fn load_live(&self, id: PaymentId) -> Result<Option<Row<Payment>>, StoreError> {
        let mut state = self.call().await;
        let live = state.payments.get(&id).cloned();
        if let Some(live) = &live {
            let asked = plan(state.attempts.get(&live.body.order_id).map(|row| &row.body), Some(&live.body));
            state.coverage.plan(asked);
        }
        Ok(live)
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
        let mut state = self.call().await;
        state.may_begin(hold, true, now)?;
        if !state.attempts_are_as_read(after.order_id, before) {
            return Err(WriteError::Refused(vec![NotBegun::Taken]));
        }
        state.hold_open(hold);
        state.keep(hold.claim, hold.claim.begun(&hold.subject(payment.id), LEASE_SECONDS, now));
        state.write_attempts(before, after.clone());
        state.note(format_args!("    {} is begun", payment.id));
        Ok(state.create_payment(payment))
    }
}

impl JoinPayment for World {
    async fn join(&self, payment: PaymentId, hold: &Hold<'_>, now: Timestamp) -> Result<(), WriteError<NotBegun>> {
        let mut state = self.call().await;
        state.may_begin(hold, hold.extends(), now)?;
        if hold.extends() {
            state.hold_open(hold);
        }
        state.keep(hold.claim, hold.claim.begun(&hold.subject(payment), LEASE_SECONDS, now));
        Ok(())
    }
}

impl ShowPayment for World {
    async fn show(&self, hold: &Hold<'_>, response: &Response, now: Timestamp) -> Result<(), WriteError<NotBegun>> {
        let mut state = self.call().await;
        state.may_begin(hold, hold.extends(), now)?;
        if hold.extends() {
            state.hold_open(hold);
        }
        state.keep(hold.claim, hold.claim.answered(response, now));
        Ok(())
    }
}

impl FinishPayment for World {
    async fn reload(
        &self,
        id: PaymentId,
        claim: &Claim,
    ) -> Result<(Option<Row<Payment>>, Option<Row<Record>>), StoreError> {
        let state = self.call().await;
        Ok((state.payments.get(&id).cloned(), state.record(claim)))
    }

    async fn finish(
        &self,
        before: &Row<Payment>,
        after: &Payment,
        hold: &Hold<'_>,
        response: &Response,
        now: Timestamp,
    ) -> Result<(), WriteError<Raced>> {
        let mut state = self.call().await;
        if !state.can_write(before, after) || !state.claimed_for(hold, after.id) {
            return Err(WriteError::Refused(vec![Raced]));
        }
        if after.client_secret.is_some() {
            state.coverage.payment(before.body.status, PaymentFact::Opened);
        }
        state.write_payment(before, after);
        state.keep(hold.claim, hold.claim.answered(response, now));
        Ok(())
    }

    async fn leave(
        &self,
        before: &Row<Payment>,
        after: &Payment,
        hold: &Hold<'_>,
        now: Timestamp,
    ) -> Result<(), WriteError<Raced>> {
        let mut state = self.call().await;
        if !state.can_write(before, after) || !state.claimed_for(hold, after.id) {
            return Err(WriteError::Refused(vec![Raced]));
        }
        state.write_payment(before, after);
        state.keep(hold.claim, hold.claim.begun(&hold.subject(after.id), 0, now));
        Ok(())
    }
}
