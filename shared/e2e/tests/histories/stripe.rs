//! Stripe, as little of it as payments see: intents, refunds under idempotency keys, and an event for everything that happens.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{OrderId, PaymentId};
use serde_json::{Value, json};

use crate::bag::Message;
use crate::world::State;

#[derive(Default)]
pub(crate) struct Stripe {
    pub(crate) intents: Vec<Intent>,
    /// What was opened under which key.
    pub(crate) opened: BTreeMap<String, usize>,
    /// Keys whose call failed: Stripe keeps that answer.
    pub(crate) spoilt: BTreeSet<String>,
    events: u32,
    /// What happens to the next call.
    pub(crate) trouble: Option<Trouble>,
}

#[derive(Debug, Clone)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) payment: PaymentId,
    pub(crate) order: OrderId,
    pub(crate) amount: i64,
    pub(crate) status: Status,
    pub(crate) declined: Option<&'static str>,
    pub(crate) refunds: Vec<Back>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Open,
    Paid,
    Cancelled,
}

/// Money on its way back.
#[derive(Debug, Clone)]
pub(crate) struct Back {
    pub(crate) id: String,
    /// The shop's name for it; none when somebody did it by hand.
    pub(crate) asked: Option<(String, String)>,
    pub(crate) amount: i64,
    pub(crate) status: BackStatus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BackStatus {
    Pending,
    Succeeded,
    Failed,
}

impl BackStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It did nothing, and says nothing useful.
    Unavailable,
    /// It did nothing, failed, and keeps that answer for the key.
    Spoilt,
    /// It did what was asked, and nobody hears so.
    LostAnswer,
    /// The intent is refused for good.
    TooSmall,
    /// The refund takes days.
    SlowRefund,
    /// The bank does not take the money back.
    RefundFails,
}

impl Intent {
    pub(crate) fn received(&self) -> i64 {
        if self.status == Status::Paid { self.amount } else { 0 }
    }

    pub(crate) fn refunded(&self) -> i64 {
        self.refunds.iter().filter(|back| back.status == BackStatus::Succeeded).map(|back| back.amount).sum()
    }

    /// What is neither back nor on its way back.
    pub(crate) fn left(&self) -> i64 {
        let gone = self.refunds.iter().filter(|back| back.status != BackStatus::Failed).map(|back| back.amount);
        self.received() - gone.sum::<i64>()
    }

    /// What a shopper pays it with.
    pub(crate) fn secret(&self) -> String {
        format!("{}_secret_x", self.id)
    }

    /// What people gave back in Stripe's dashboard.
    pub(crate) fn by_hand(&self) -> i64 {
        self.refunds.iter().filter(|back| back.asked.is_none()).map(|back| back.amount).sum()
    }

    fn metadata(&self) -> Value {
        json!({ "payment_id": self.payment, "order_id": self.order, "environment": crate::ENVIRONMENT })
    }

    pub(crate) fn object(&self) -> Value {
        let status = match self.status {
            Status::Open => "requires_payment_method",
            Status::Paid => "succeeded",
            Status::Cancelled => "canceled",
        };
        json!({
            "id": self.id, "status": status, "amount": self.amount, "amount_received": self.received(), "currency": "eur",
            "client_secret": self.secret(), "metadata": self.metadata(),
            "last_payment_error": self.declined.map(|code| json!({ "code": code })),
        })
    }

    fn charge(&self) -> Value {
        json!({
            "id": format!("ch_{}", self.id), "amount": self.amount, "amount_refunded": self.refunded(), "currency": "eur",
            "payment_intent": self.id, "metadata": self.metadata(),
        })
    }

    pub(crate) fn refund(&self, back: &Back) -> Value {
        let mut metadata = self.metadata();
        if let Some((_, refund_id)) = &back.asked {
            metadata["refund_id"] = refund_id.clone().into();
        }
        json!({
            "id": back.id, "status": back.status.name(), "amount": back.amount, "currency": "eur", "payment_intent": self.id,
            "metadata": metadata,
        })
    }
}

impl Stripe {
    pub(crate) fn of_order(&self, order: OrderId) -> impl Iterator<Item = &Intent> {
        self.intents.iter().filter(move |intent| intent.order == order)
    }

    /// The intent number `n` of `order`, counted round.
    pub(crate) fn pick(&self, order: OrderId, n: u8) -> Option<usize> {
        let of_order: Vec<usize> = (0..self.intents.len()).filter(|at| self.intents[*at].order == order).collect();
        (!of_order.is_empty()).then(|| of_order[usize::from(n) % of_order.len()])
    }

    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        self.intents.iter().position(|intent| intent.id == id)
    }

    pub(crate) fn open(&mut self, payment: PaymentId, order: OrderId, amount: i64) -> usize {
        let id = format!("pi_{}", self.intents.len() + 1);
        let (status, declined) = (Status::Open, None);
        self.intents.push(Intent { id, payment, order, amount, status, declined, refunds: Vec::new() });
        self.intents.len() - 1
    }

    pub(crate) fn trouble(&mut self, kinds: &[Trouble]) -> Option<Trouble> {
        self.trouble.take_if(|trouble| kinds.contains(trouble))
    }
}

impl State {
    fn tell(&mut self, at: usize, kind: &str, object: &Value) {
        self.stripe.events += 1;
        let id = format!("evt_{} {kind}", self.stripe.events);
        let body = json!({ "id": id, "type": kind, "data": { "object": object } }).to_string();
        let intent = self.stripe.intents[at].id.clone();
        self.bag.push(Message::Webhook { id, intent, body });
    }

    pub(crate) fn knows_intent(&self, intent: &str) -> bool {
        self.payments.values().any(|row| row.body.provider_id.as_deref() == Some(intent))
    }

    /// A shopper tries a card.
    pub(crate) fn card(&mut self, at: usize, declined: Option<&'static str>) {
        let intent = &mut self.stripe.intents[at];
        if intent.status != Status::Open {
            return;
        }
        intent.declined = declined;
        if declined.is_none() {
            intent.status = Status::Paid;
        }
        let object = intent.object();
        let kind = if declined.is_none() { "payment_intent.succeeded" } else { "payment_intent.payment_failed" };
        self.tell(at, kind, &object);
    }

    /// Somebody closes the intent in Stripe's dashboard.
    pub(crate) fn close_by_hand(&mut self, at: usize) {
        if self.stripe.intents[at].status == Status::Open {
            self.close(at);
        }
    }

    pub(crate) fn close(&mut self, at: usize) {
        self.stripe.intents[at].status = Status::Cancelled;
        let object = self.stripe.intents[at].object();
        self.tell(at, "payment_intent.canceled", &object);
    }

    /// An intent that nobody in the shop asked for, with the marks of another one, is paid.
    pub(crate) fn stray(&mut self, like: usize, short_by: i64) {
        let Intent { payment, order, amount, .. } = self.stripe.intents[like];
        let at = self.stripe.open(payment, order, amount - short_by);
        self.card(at, None);
    }

    /// Somebody gives back so many percent of what is left in Stripe's dashboard.
    pub(crate) fn give_back_by_hand(&mut self, at: usize, percent: i64) {
        let amount = self.stripe.intents[at].left() * percent / 100;
        if amount > 0 {
            self.give_back(at, None, amount, BackStatus::Succeeded);
        }
    }

    pub(crate) fn give_back(&mut self, at: usize, asked: Option<(String, String)>, amount: i64, status: BackStatus) {
        let intent = &mut self.stripe.intents[at];
        let back = Back { id: format!("re_{}_{}", intent.id, intent.refunds.len() + 1), asked, amount, status };
        intent.refunds.push(back.clone());
        let (refund, charge) = (intent.refund(&back), intent.charge());
        self.tell(at, "refund.created", &refund);
        match status {
            BackStatus::Succeeded => self.tell(at, "charge.refunded", &charge),
            BackStatus::Failed => self.tell(at, "refund.failed", &refund),
            BackStatus::Pending => {}
        }
    }

    /// The bank decides about the slow refunds of an intent.
    pub(crate) fn end_slow_refunds(&mut self, at: usize, status: BackStatus) {
        for n in 0..self.stripe.intents[at].refunds.len() {
            let intent = &mut self.stripe.intents[at];
            if intent.refunds[n].status != BackStatus::Pending {
                continue;
            }
            intent.refunds[n].status = status;
            let (refund, charge) = (intent.refund(&intent.refunds[n].clone()), intent.charge());
            self.tell(at, "refund.updated", &refund);
            match status {
                BackStatus::Succeeded => self.tell(at, "charge.refunded", &charge),
                _ => self.tell(at, "refund.failed", &refund),
            }
        }
    }
}

impl State {
    /// The bank sends back what the shop had given back: days later, when all that was told of it has arrived.
    pub(crate) fn send_refund_back(&mut self, at: usize) {
        let id = self.stripe.intents[at].id.clone();
        let is_told = |message: &Message| matches!(message, Message::Webhook { intent, .. } if *intent == id);
        if self.bag.iter().chain(&self.astray).any(is_told) {
            return;
        }
        let intent = &mut self.stripe.intents[at];
        let through = |back: &&mut Back| back.status == BackStatus::Succeeded && back.asked.is_some();
        let Some(back) = intent.refunds.iter_mut().find(through) else { return };
        back.status = BackStatus::Failed;
        let back = back.clone();
        let refund = intent.refund(&back);
        self.tell(at, "refund.failed", &refund);
    }
}
