use api::Response;
use api::idempotency::{Claim, Record, Started};
use dynamo::{Change, Row, StoreError, WriteError, WriteSet, batch_get};
use kernel::{OrderId, PaymentId, Timestamp};
use orders::interface::{Order, Orders};

use crate::domain::{Payment, Refund};
use crate::handlers::close_payment::LoadHeld;
use crate::handlers::create_payment::{BeginPayment, Extension, FinishPayment, LoadOrder, NotBegun, ResumePayment};
use crate::handlers::process_webhook::{Known, LoadKnown};
use crate::handlers::{Held, Raced, SaveChange, Stamp, Step};
use crate::store::{Payments, ProviderEvent, keys};

/// An in-flight request that nobody has taken over after so long was given up.
const LEASE_SECONDS: i64 = 30;

/// Where payments meet the orders they are for.
#[derive(Debug, Clone)]
pub struct Till {
    payments: Payments,
    orders: Orders,
}

impl Till {
    /// The tables that `PAYMENTS_TABLE` and `ORDERS_TABLE` name.
    ///
    /// # Errors
    /// When a setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self { payments: Payments::from_env().await?, orders: Orders::from_env().await? })
    }

    fn extension(&self, extension: &Extension) -> WriteSet<NotBegun> {
        self.orders.extend_expiry(&extension.order, extension.until).map(|_| NotBegun::OrderClosed)
    }
}

impl LoadOrder for Till {
    async fn load_order(&self, id: OrderId, claim: &Claim) -> Result<(Option<Order>, Option<Row<Record>>), StoreError> {
        let table = &self.payments.table;
        let mut found = batch_get([self.orders.order_key(id), (table, claim.key())]).await?;
        Ok((self.orders.take_order(&mut found, id)?, found.take(table, &claim.key())?))
    }
}

impl BeginPayment for Till {
    async fn begin(
        &self,
        payment: Payment,
        extension: &Extension,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<Row<Payment>, WriteError<NotBegun>> {
        let claimed = claim.start(&self.payments.table, &payment.id.to_string(), LEASE_SECONDS, now);
        let row = Payments::row(payment);
        let mut set = self.extension(extension);
        set.push(claimed, NotBegun::KeyTaken);
        set.push(Change::create(&self.payments.table, &row), NotBegun::KeyTaken);
        set.commit().await?;
        Ok(row)
    }
}

impl ResumePayment for Till {
    async fn resume(
        &self,
        extension: &Extension,
        claim: &Claim,
        left: &Started,
        now: Timestamp,
    ) -> Result<(), WriteError<NotBegun>> {
        let mut set = self.extension(extension);
        set.push(claim.take_over(&self.payments.table, left, LEASE_SECONDS, now), NotBegun::KeyTaken);
        set.commit().await
    }
}

impl FinishPayment for Till {
    async fn reload(
        &self,
        id: PaymentId,
        claim: &Claim,
    ) -> Result<(Option<Row<Payment>>, Option<Row<Record>>), StoreError> {
        let table = &self.payments.table;
        let mut found = batch_get([(table, keys::payment(id)), (table, claim.key())]).await?;
        Ok((found.take(table, &keys::payment(id))?, found.take(table, &claim.key())?))
    }

    async fn finish(
        &self,
        before: &Row<Payment>,
        after: &Payment,
        claim: &Claim,
        response: &Response,
        now: Timestamp,
    ) -> Result<(), WriteError<Raced>> {
        WriteSet::new()
            .with(self.payments.update(before, after), Raced)
            .with(claim.finish(&self.payments.table, &after.id.to_string(), response, now), Raced)
            .commit()
            .await
    }

    async fn leave(&self, id: PaymentId, claim: &Claim, now: Timestamp) -> Result<(), WriteError<Raced>> {
        WriteSet::new().with(claim.leave(&self.payments.table, &id.to_string(), now), Raced).commit().await
    }
}

impl LoadKnown for Till {
    async fn load_known(&self, id: PaymentId, order_id: OrderId, event_id: &str) -> Result<Known, StoreError> {
        let table = &self.payments.table;
        let (payment, refund) = (keys::payment(id), keys::refund(id, Refund::closing_id(id)));
        let event = keys::stripe_event(event_id);
        let keys = [(table, payment.clone()), (table, refund.clone()), (table, event.clone())];
        let mut found = batch_get(keys.into_iter().chain([self.orders.order_key(order_id)])).await?;
        let refund = found.take(table, &refund)?;
        Ok(Known {
            held: found.take(table, &payment)?.map(|payment| Held { payment, refund }),
            order: self.orders.take_order(&mut found, order_id)?,
            handled: found.take::<ProviderEvent>(table, &event)?.is_some(),
        })
    }
}

impl LoadHeld for Till {
    async fn load_held(&self, id: PaymentId) -> Result<Option<Held>, StoreError> {
        self.payments.load_held(id).await
    }
}

impl SaveChange for Till {
    async fn save(&self, held: &Held, step: Step, stamp: Stamp) -> Result<(), WriteError<Raced>> {
        self.payments.save(held, step, stamp).await
    }
}
