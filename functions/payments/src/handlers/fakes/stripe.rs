use serde_json::json;

use crate::domain::{Payment, Refund};
use crate::handlers::fakes::{Dead, FakeIntent, Trouble, World};
use crate::handlers::receive_stripe_webhook::WebhookMessage;
use crate::handlers::{CancelIntent, OpenIntent, RefundIntent, RetrieveIntent, RetrieveRefund};
use crate::stripe::{Intent, IntentRefund, ProviderError, Refusal};

impl From<Dead> for ProviderError {
    fn from(_: Dead) -> Self {
        Self::Unavailable("dead".into())
    }
}

pub(super) fn fake_intent(payment: &Payment, id: &str) -> FakeIntent {
    FakeIntent {
        id: id.to_owned(),
        key: payment.provider_key(),
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
    /// What Stripe would send about the first intent.
    pub(crate) fn event(&self, id: &str, kind: &str) -> WebhookMessage {
        let first = self.intents.borrow().keys().next().unwrap().clone();
        self.event_of(&first, id, kind)
    }

    pub(crate) fn event_of(&self, intent: &str, id: &str, kind: &str) -> WebhookMessage {
        let intent = self.found(intent);
        let object = match kind {
            "charge.refunded" => json!({
                "amount": intent.amount, "amount_refunded": intent.refunded, "currency": "eur", "payment_intent": intent.id, "metadata": {},
            }),
            "refund.failed" | "refund.updated" => {
                let status = if kind == "refund.failed" { "failed" } else { "succeeded" };
                json!({ "id": "re_1", "status": status, "payment_intent": intent.id, "metadata": intent.metadata })
            }
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

    fn ask(&self) -> Result<(), Dead> {
        self.asked.set(self.asked.get() + 1);
        self.point()
    }

    fn found(&self, id: &str) -> FakeIntent {
        self.intents.borrow()[id].clone()
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut FakeIntent)) {
        change(self.intents.borrow_mut().get_mut(id).unwrap());
    }
}

impl OpenIntent for World {
    async fn open_intent(&self, payment: &Payment) -> Result<Intent, ProviderError> {
        self.ask()?;
        match self.trouble.get() {
            Some(Trouble::Failing) if payment.failures == 0 => return Err(ProviderError::Failed(500)),
            Some(Trouble::NotConfigured) => return Err(ProviderError::NotConfigured("…")),
            Some(Trouble::Unavailable) => return Err(ProviderError::Unavailable("…".into())),
            Some(Trouble::AmountTooSmall) => return refused("amount_too_small"),
            _ => {}
        }
        let known = self.intents.borrow().values().find(|intent| intent.key == payment.provider_key()).cloned();
        let intent = known.unwrap_or_else(|| {
            let intent = fake_intent(payment, &format!("pi_{}", self.intents.borrow().len() + 1));
            self.intents.borrow_mut().insert(intent.id.clone(), intent.clone());
            intent
        });
        if let Some(meanwhile) = self.meanwhile.take() {
            meanwhile(self);
        }
        self.point()?;
        Ok(serde_json::from_value(object(&intent)).unwrap())
    }
}

impl CancelIntent for World {
    async fn cancel_intent(&self, id: &str) -> Result<Intent, ProviderError> {
        self.ask()?;
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
        self.ask()?;
        Ok(serde_json::from_value(object(&self.found(id))).unwrap())
    }
}

impl RefundIntent for World {
    async fn refund_intent(&self, refund: &Refund, id: &str) -> Result<IntentRefund, ProviderError> {
        self.ask()?;
        let status = match self.trouble.get() {
            Some(Trouble::Failing) if refund.failures == 0 => return Err(ProviderError::Failed(500)),
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

impl RetrieveRefund for World {
    async fn retrieve_refund(&self, id: &str) -> Result<IntentRefund, ProviderError> {
        self.ask()?;
        let status = match self.trouble.get() {
            Some(Trouble::RefundPending) => "pending",
            Some(Trouble::RefundFailed) => "failed",
            _ => "succeeded",
        };
        Ok(serde_json::from_value(json!({ "id": id, "status": status })).unwrap())
    }
}
