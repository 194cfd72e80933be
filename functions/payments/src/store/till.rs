use api::Response;
use api::idempotency::{Claim, Record};
use dynamo::{Change, Row, StoreError, WriteError, WriteSet, batch_get};
use kernel::{OrderId, PaymentId, Timestamp};
use orders::interface::Orders;

use crate::domain::{Attempts, Payment};
use crate::handlers::close_payment::LoadHeld;
use crate::handlers::create_payment::{
    BeginPayment, FinishPayment, Found, Hold, JoinPayment, LoadLive, LoadOrder, NotBegun, ShowPayment,
};
use crate::handlers::process_webhook::{Known, LoadKnown, SaveStray};
use crate::handlers::{Held, Raced, SaveChange, Stamp, Step};
use crate::store::{Payments, ProviderEvent, keys};

/// An in-flight request that nobody has taken over after so long was given up.
const LEASE_SECONDS: i64 = 30;

/// Where payments meet the orders they are for.
#[derive(Debug, Clone)]
pub struct Till {
    pub(crate) payments: Payments,
    pub(crate) orders: Orders,
}

impl Till {
    /// The tables that `PAYMENTS_TABLE` and `ORDERS_TABLE` name.
    ///
    /// # Errors
    /// When a setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self { payments: Payments::from_env().await?, orders: Orders::from_env().await? })
    }

    /// The payment as it is to be, if it changes.
    fn changed(&self, before: &Row<Payment>, after: &Payment) -> WriteSet<Raced> {
        let set = WriteSet::new();
        if before.body == *after { set } else { set.with(self.payments.update(before, after), Raced) }
    }

    /// Keeps the order open, refused when it is closed.
    fn extension(&self, hold: &Hold<'_>) -> WriteSet<NotBegun> {
        self.orders.extend_expiry(&hold.order, hold.until).map(|_| NotBegun::OrderClosed)
    }

    fn extension_if_needed(&self, hold: &Hold<'_>) -> WriteSet<NotBegun> {
        if hold.extends() { self.extension(hold) } else { WriteSet::new() }
    }

    /// Claims the key for `payment`, or goes on with what an earlier request left.
    fn claim(&self, hold: &Hold<'_>, payment: PaymentId, now: Timestamp) -> Change {
        let table = &self.payments.table;
        match &hold.left {
            Some(left) => hold.claim.take_over(table, left, LEASE_SECONDS, now),
            None => hold.claim.start(table, &payment.to_string(), LEASE_SECONDS, now),
        }
    }
}

impl LoadOrder for Till {
    async fn load_order(&self, id: OrderId, claim: &Claim) -> Result<Found, StoreError> {
        let (table, attempts) = (&self.payments.table, keys::attempts(id));
        let keys = [self.orders.order_key(id), (table, attempts.clone()), (table, claim.key())];
        let mut found = batch_get(keys).await?;
        Ok(Found {
            order: self.orders.take_order(&mut found, id)?,
            attempts: found.take(table, &attempts)?,
            record: found.take(table, &claim.key())?,
        })
    }
}

impl LoadLive for Till {
    async fn load_live(&self, id: PaymentId) -> Result<Option<Row<Payment>>, StoreError> {
        let (table, key) = (&self.payments.table, keys::payment(id));
        batch_get([(table, key.clone())]).await?.take(table, &key)
    }
}

impl BeginPayment for Till {
    async fn begin(
        &self,
        payment: Payment,
        before: Option<&Row<Attempts>>,
        after: &Attempts,
        hold: &Hold<'_>,
        now: Timestamp,
    ) -> Result<Row<Payment>, WriteError<NotBegun>> {
        let row = Payments::row(payment);
        let mut set = self.extension(hold);
        set.push(self.claim(hold, row.body.id, now), NotBegun::Taken);
        set.push(self.payments.put_attempts(before, after), NotBegun::Taken);
        set.push(Change::create(&self.payments.table, &row), NotBegun::Taken);
        if let Some(owned) = self.payments.owned(&row.body) {
            set.push(owned, NotBegun::Taken);
        }
        set.commit().await?;
        Ok(row)
    }
}

impl JoinPayment for Till {
    async fn join(&self, payment: PaymentId, hold: &Hold<'_>, now: Timestamp) -> Result<(), WriteError<NotBegun>> {
        let mut set = self.extension_if_needed(hold);
        set.push(self.claim(hold, payment, now), NotBegun::Taken);
        set.commit().await
    }
}

impl ShowPayment for Till {
    async fn show(&self, hold: &Hold<'_>, response: &Response, now: Timestamp) -> Result<(), WriteError<NotBegun>> {
        let table = &self.payments.table;
        let answered = match &hold.left {
            Some(left) => hold.claim.finish(table, &left.subject, response, now),
            None => hold.claim.record(table, response, now),
        };
        let mut set = self.extension_if_needed(hold);
        set.push(answered, NotBegun::Taken);
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
        hold: &Hold<'_>,
        response: &Response,
        now: Timestamp,
    ) -> Result<(), WriteError<Raced>> {
        let answered = hold.claim.finish(&self.payments.table, &hold.subject(after.id), response, now);
        self.changed(before, after).with(answered, Raced).commit().await
    }

    async fn leave(
        &self,
        before: &Row<Payment>,
        after: &Payment,
        hold: &Hold<'_>,
        now: Timestamp,
    ) -> Result<(), WriteError<Raced>> {
        let left = hold.claim.leave(&self.payments.table, &hold.subject(after.id), now);
        self.changed(before, after).with(left, Raced).commit().await
    }
}

impl LoadKnown for Till {
    async fn load_known(&self, id: PaymentId, order_id: OrderId, event_id: &str) -> Result<Known, StoreError> {
        let (table, event) = (&self.payments.table, keys::stripe_event(event_id));
        let keys = Payments::held_keys(id, order_id).into_iter().chain([event.clone()]).map(|key| (table, key));
        let mut found = batch_get(keys.chain([self.orders.order_key(order_id)])).await?;
        let (held, attempts) = self.payments.take_held(&mut found, id, order_id)?;
        Ok(Known {
            held,
            attempts,
            order: self.orders.take_order(&mut found, order_id)?,
            handled: found.take::<ProviderEvent>(table, &event)?.is_some(),
        })
    }
}

impl SaveStray for Till {
    async fn save_stray(
        &self,
        known: Option<&Row<Attempts>>,
        step: Step,
        stamp: Stamp,
    ) -> Result<(), WriteError<Raced>> {
        let row = Payments::row(step.payment.clone());
        let mut stray = WriteSet::new().with(Change::create(&self.payments.table, &row), Raced);
        if let Some(owned) = self.payments.owned(&row.body) {
            stray.push(owned, Raced);
        }
        self.payments.with_effects(stray, (None, known), &step, row.version, stamp).commit().await
    }
}

impl LoadHeld for Till {
    async fn load_held(&self, id: PaymentId, order: OrderId) -> Result<Option<Held>, StoreError> {
        self.payments.load_held(id, order).await
    }
}

impl SaveChange for Till {
    async fn save(&self, held: &Held, step: Step, stamp: Stamp) -> Result<(), WriteError<Raced>> {
        self.payments.save(held, step, stamp).await
    }
}
