//! The payments' table, as its handlers use it.

use dynamo::{Key, Row, StoreError, WriteError};
use events::PaymentCaptured;
use kernel::{OrderId, PaymentId, Timestamp};
use payments::domain::{Attempts, News, OrderState, Payment, Refund, RefundReason, look, next_step};
use payments::handlers::close_payment::LoadHeld;
use payments::handlers::on_order_cancelled::ListPayments;
use payments::handlers::process_webhook::{Known, LoadKnown, SaveStray};
use payments::handlers::reconcile::{Case, ListUnsettled, LoadCase, Position, SaveAttempts};
use payments::handlers::{Held, Raced, SaveChange, Stamp, Step};

use crate::world::{Asks, State, World, next};

impl State {
    fn held(&self, id: PaymentId, order: OrderId) -> Option<Held> {
        let payment = self.payments.get(&id).cloned()?;
        Some(Held { payment, refund: self.refunds.get(&id).cloned(), attempts: self.attempts.get(&order).cloned() })
    }

    pub(crate) fn write_attempts(&mut self, before: Option<&Row<Attempts>>, after: Attempts) {
        let key = Key::new(format!("ORDER#{}", after.order_id), "ATTEMPTS");
        let row = before.map_or_else(|| Row::new(key, after.clone()), |before| next(before, after.clone()));
        self.attempts.insert(after.order_id, row);
    }

    pub(crate) fn attempts_are_as_read(&self, order: OrderId, read: Option<&Row<Attempts>>) -> bool {
        self.attempts.get(&order).map(|row| row.version) == read.map(|row| row.version)
    }

    fn tell_news(&mut self, payment: &Payment, news: &[News]) {
        self.note(format_args!("    {} is {:?}, surplus {}: {news:?}", payment.id, payment.status, payment.surplus));
        for news in news {
            if let News::Captured(amount) = news {
                let (payment_id, order_id) = (payment.id, payment.order_id);
                self.announce_capture(PaymentCaptured { payment_id, order_id, amount: *amount });
            }
        }
    }

    pub(crate) fn payments_of(&self, order: OrderId) -> impl Iterator<Item = &Payment> {
        self.payments.values().map(|row| &row.body).filter(move |payment| payment.order_id == order)
    }

    /// The first write of a payment.
    pub(crate) fn create_payment(&mut self, payment: Payment) -> Row<Payment> {
        let row = Row::new(Key::new(format!("PAYMENT#{}", payment.id), "PAYMENT"), payment);
        self.payments.insert(row.body.id, row.clone());
        row
    }
}

impl LoadKnown for World {
    async fn load_known(&self, id: PaymentId, order: OrderId, event_id: &str) -> Result<Known, StoreError> {
        let (order, known) = self
            .batch(
                |state| state.orders.get(&order).map(|row| row.body.clone()),
                |state| {
                    let attempts = state.attempts.get(&order).cloned();
                    (state.held(id, order), attempts, state.handled.contains(event_id))
                },
            )
            .await;
        let (held, attempts, handled) = known;
        let is_about = |held: &&Held| {
            held.payment.body.provider_id.as_deref().is_none_or(|known| self.intent.as_deref() == Some(known))
        };
        if let (Asks::Payment(fact), Some(held)) = (self.asks, held.as_ref().filter(is_about)) {
            self.state().coverage.payment(held.payment.body.status, fact);
        }
        Ok(Known { held, attempts, order, handled })
    }
}

impl LoadHeld for World {
    async fn load_held(&self, id: PaymentId, order: OrderId) -> Result<Option<Held>, StoreError> {
        let read = self
            .batch(
                |state| state.payments.get(&id).cloned(),
                |state| (state.refunds.get(&id).cloned(), state.attempts.get(&order).cloned()),
            )
            .await;
        let (Some(payment), (refund, attempts)) = read else { return Ok(None) };
        let held = Held { payment, refund, attempts };
        let mut state = self.state();
        let of_order = OrderState::of(state.orders.get(&order).map(|row| &row.body));
        match (self.asks, held.attempts()) {
            (Asks::Agreement, Some(_)) => {
                // As it is, whatever the batch made of it.
                let (attempts, payment) = (&state.attempts[&order].body, &state.payments[&id].body);
                let seen = look(of_order, attempts, payment, state.refunds.get(&id).map(|row| &row.body));
                state.coverage.look(seen);
            }
            _ => {
                let cancelled = of_order == OrderState::Cancelled;
                let why = if cancelled { RefundReason::OrderCancelled } else { RefundReason::Duplicate };
                state.coverage.closing(why, next_step(why, &held.payment.body, held.refund()));
            }
        }
        drop(state);
        Ok(Some(held))
    }
}

impl ListPayments for World {
    async fn list_payments(&self, order: OrderId) -> Result<Vec<PaymentId>, StoreError> {
        Ok(self.call().await.payments_of(order).map(|payment| payment.id).collect())
    }
}

impl SaveChange for World {
    async fn save(&self, held: &Held, step: Step, _: Stamp) -> Result<(), WriteError<Raced>> {
        let mut state = self.call().await;
        let (id, order) = (step.payment.id, step.payment.order_id);
        let version = |row: &Row<Refund>| row.version;
        let refund_is_as_read = state.refunds.get(&id).map(version) == held.refund.as_ref().map(version);
        let handled = step.event_id.as_ref().is_some_and(|event| state.handled.contains(event));
        if state.payments[&id].version != held.payment.version
            || (step.refund.is_some() && !refund_is_as_read)
            || (step.attempts.is_some() && !state.attempts_are_as_read(order, held.attempts.as_ref()))
            || handled
        {
            return Err(WriteError::Refused(vec![Raced]));
        }
        state.payments.insert(id, next(&held.payment, step.payment.clone()));
        if let Some(refund) = step.refund {
            state.coverage.refund(held.refund().map(|before| before.status), refund.status);
            let key = Key::new(format!("PAYMENT#{id}"), format!("REFUND#{}", refund.id));
            let row = held
                .refund
                .as_ref()
                .map_or_else(|| Row::new(key, refund.clone()), |before| next(before, refund.clone()));
            state.refunds.insert(id, row);
        }
        if let Some(attempts) = step.attempts {
            state.write_attempts(held.attempts.as_ref(), attempts);
        }
        state.handled.extend(step.event_id);
        state.tell_news(&step.payment, &step.news);
        Ok(())
    }
}

impl SaveStray for World {
    async fn save_stray(&self, known: Option<&Row<Attempts>>, step: Step, _: Stamp) -> Result<(), WriteError<Raced>> {
        let mut state = self.call().await;
        let order = step.payment.order_id;
        if state.payments.contains_key(&step.payment.id) || !state.attempts_are_as_read(order, known) {
            return Err(WriteError::Refused(vec![Raced]));
        }
        state.create_payment(step.payment.clone());
        if let Some(attempts) = step.attempts {
            state.write_attempts(known, attempts);
        }
        state.tell_news(&step.payment, &step.news);
        Ok(())
    }
}

impl ListUnsettled for World {
    async fn list_unsettled(
        &self,
        shard: u8,
        before: Timestamp,
        _: Option<Position>,
    ) -> Result<(Vec<OrderId>, Option<Position>), StoreError> {
        let state = self.call().await;
        let waits = |attempts: &Attempts| attempts.unsettled_since.is_some() && attempts.looked_at <= before;
        let all = state.attempts.values().map(|row| &row.body).filter(|attempts| shard == 0 && waits(attempts));
        Ok((all.map(|attempts| attempts.order_id).collect(), None))
    }
}

impl LoadCase for World {
    async fn load_case(&self, id: OrderId) -> Result<Option<Case>, StoreError> {
        let (attempts, order) = self
            .batch(|state| state.attempts.get(&id).cloned(), |state| state.orders.get(&id).map(|row| row.body.clone()))
            .await;
        Ok(attempts.map(|attempts| Case { attempts, order }))
    }
}

impl SaveAttempts for World {
    async fn save_attempts(&self, before: &Row<Attempts>, after: &Attempts) -> Result<(), WriteError<Raced>> {
        let mut state = self.call().await;
        if !state.attempts_are_as_read(after.order_id, Some(before)) {
            return Err(WriteError::Refused(vec![Raced]));
        }
        state.write_attempts(Some(before), after.clone());
        Ok(())
    }
}
