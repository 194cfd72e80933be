use serde_json::json;

use crate::domain::{Payment, Refund};
use crate::handlers::fakes::{Dead, FakeIntent, Trouble, World};
use crate::handlers::receive_stripe_webhook::WebhookMessage;
use crate::handlers::{CancelIntent, OpenIntent, RefundIntent, RetrieveIntent};
use crate::stripe::{Intent, IntentRefund, ProviderError, Refusal};

impl From<Dead> for ProviderError {
    fn from(_: Dead) -> Self {
        Self::Unavailable("dead".into())
    }
}

pub(super) fn fake_intent(payment: &Payment, id: &str) -> FakeIntent {
    FakeIntent {
        id: id.to_owned(),
        status: "requires_payment_method",
        amount: payment.amount.amount,
        refunded: 0,
        metadata: json!({ "payment_id": payment.id, "order_id": payment.order_id, "environment": "test" }),
    }
}

fn object(intent: &FakeIntent) -> serde_json::Value {
    let received = if intent.status == "succeeded" { intent.amount } else { 0 };
    json!({
        "id": intent.id, "status": intent.status, "amount_received": received, "currency": "eur", "metadata": intent.metadata,
        "client_secret": format!("{}_secret_x", intent.id), "last_payment_error": { "code": "card_declined" },
    })
}

fn refused<T>(code: &str) -> Result<T, ProviderError> {
    let kind = "invalid_request_error".to_owned();
    Err(ProviderError::Refused(Refusal { kind, code: Some(code.to_owned()), param: None }))
}

impl World {
    /// What Stripe would send about the only intent.
    pub(crate) fn event(&self, id: &str, kind: &str) -> WebhookMessage {
        let intent = self.intent();
        let object = match kind {
            "charge.refunded" => json!({
                "amount": intent.amount, "amount_refunded": intent.refunded, "currency": "eur", "payment_intent": intent.id, "metadata": {},
            }),
            "payment_intent.canceled" => object(&FakeIntent { status: "canceled", ..intent }),
            "payment_intent.succeeded" => object(&FakeIntent { status: "succeeded", ..intent }),
            _ => object(&intent),
        };
        let event = json!({ "id": id, "type": kind, "data": { "object": object } });
        WebhookMessage {
            trace: telemetry::Trace::start("webhook"),
            event: serde_json::from_str(&event.to_string()).unwrap(),
        }
    }

    fn found(&self, id: &str) -> FakeIntent {
        self.intents.borrow().values().find(|intent| intent.id == id).unwrap().clone()
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut FakeIntent)) {
        change(self.intents.borrow_mut().values_mut().find(|intent| intent.id == id).unwrap());
    }
}

impl OpenIntent for World {
    async fn open_intent(&self, payment: &Payment) -> Result<Intent, ProviderError> {
        self.point()?;
        match self.trouble.get() {
            Some(Trouble::NotConfigured) => return Err(ProviderError::NotConfigured("…")),
            Some(Trouble::Unavailable) => return Err(ProviderError::Unavailable("…".into())),
            Some(Trouble::AmountTooSmall) => return refused("amount_too_small"),
            _ => {}
        }
        let id = format!("pi_{}", self.intents.borrow().len() + 1);
        let intent = self.intents.borrow_mut().entry(payment.id).or_insert_with(|| fake_intent(payment, &id)).clone();
        if let Some(meanwhile) = self.meanwhile.take() {
            meanwhile(self);
        }
        self.point()?;
        Ok(serde_json::from_value(object(&intent)).unwrap())
    }
}

impl CancelIntent for World {
    async fn cancel_intent(&self, id: &str) -> Result<Intent, ProviderError> {
        self.point()?;
        if self.found(id).status != "requires_payment_method" {
            return refused("payment_intent_unexpected_state");
        }
        self.change(id, |intent| intent.status = "canceled");
        self.point()?;
        Ok(serde_json::from_value(object(&self.found(id))).unwrap())
    }
}

impl RetrieveIntent for World {
    async fn retrieve_intent(&self, id: &str) -> Result<Intent, ProviderError> {
        self.point()?;
        Ok(serde_json::from_value(object(&self.found(id))).unwrap())
    }
}

impl RefundIntent for World {
    async fn refund_intent(&self, refund: &Refund, id: &str) -> Result<IntentRefund, ProviderError> {
        self.point()?;
        let status = match self.trouble.get() {
            Some(Trouble::RefundPending) => "pending",
            Some(Trouble::RefundFailed) => "failed",
            _ => "succeeded",
        };
        if !self.refunded.borrow().contains_key(&refund.id) {
            let intent = self.found(id);
            if intent.refunded + refund.amount.amount > intent.amount {
                return refused("charge_already_refunded");
            }
            self.refunded.borrow_mut().insert(refund.id, refund.amount.amount);
            self.change(id, |intent| intent.refunded += refund.amount.amount);
        }
        self.point()?;
        Ok(serde_json::from_value(json!({ "id": "re_1", "status": status })).unwrap())
    }
}
