//! What payments ask of Stripe.

use payments::domain::{Payment, PaymentStatus, Refund};
use payments::handlers::{CancelIntent, OpenIntent, RefundIntent, RetrieveIntent, RetrieveRefund};
use payments::stripe::{Intent as IntentView, IntentRefund, ProviderError, Refusal};

use crate::coverage::PaymentFact;
use crate::stripe::{BackStatus, Intent, Status, Trouble};
use crate::world::World;

fn unavailable<T>() -> Result<T, ProviderError> {
    Err(ProviderError::Unavailable("no answer".into()))
}

fn refused<T>(code: Option<&str>) -> Result<T, ProviderError> {
    let kind = "invalid_request_error".to_owned();
    Err(ProviderError::Refused(Refusal { kind, code: code.map(str::to_owned), param: None }))
}

fn intent_view(intent: &Intent) -> IntentView {
    serde_json::from_value(intent.object()).unwrap()
}

impl OpenIntent for World {
    async fn open_intent(&self, payment: &Payment) -> Result<IntentView, ProviderError> {
        let mut state = self.call().await;
        let stripe = &mut state.stripe;
        let key = payment.provider_key();
        if stripe.spoilt.contains(&key) {
            return Err(ProviderError::Failed(500));
        }
        let trouble = stripe.trouble(&[Trouble::Unavailable, Trouble::Spoilt, Trouble::LostAnswer, Trouble::TooSmall]);
        match trouble {
            Some(Trouble::Unavailable) => return unavailable(),
            Some(Trouble::Spoilt) => {
                stripe.spoilt.insert(key);
                return Err(ProviderError::Failed(500));
            }
            Some(Trouble::TooSmall) if !stripe.opened.contains_key(&key) => return refused(Some("amount_too_small")),
            _ => {}
        }
        let at = stripe.opened.get(&key).copied();
        let at = at.unwrap_or_else(|| stripe.open(payment.id, payment.order_id, payment.amount.amount));
        stripe.opened.insert(key, at);
        let answer = intent_view(&stripe.intents[at]);
        if trouble == Some(Trouble::LostAnswer) {
            return unavailable();
        }
        Ok(answer)
    }
}

impl CancelIntent for World {
    async fn cancel_intent(&self, id: &str) -> Result<IntentView, ProviderError> {
        let mut state = self.call().await;
        let trouble = state.stripe.trouble(&[Trouble::Unavailable, Trouble::LostAnswer]);
        if trouble == Some(Trouble::Unavailable) {
            return unavailable();
        }
        let at = state.stripe.find(id).expect("the shop names intents that it was told of");
        let payment = state.stripe.intents[at].payment;
        if state.payments[&payment].body.status == PaymentStatus::Cancelled {
            // Its answer came after the order had been closed.
            state.coverage.payment(PaymentStatus::Cancelled, PaymentFact::Opened);
        }
        if state.stripe.intents[at].status != Status::Open {
            return refused(Some("payment_intent_unexpected_state"));
        }
        state.close(at);
        if trouble.is_some() { unavailable() } else { Ok(intent_view(&state.stripe.intents[at])) }
    }
}

impl RetrieveIntent for World {
    async fn retrieve_intent(&self, id: &str) -> Result<IntentView, ProviderError> {
        let mut state = self.call().await;
        if state.stripe.trouble(&[Trouble::Unavailable]).is_some() {
            return unavailable();
        }
        let at = state.stripe.find(id).expect("the shop names intents that it was told of");
        Ok(intent_view(&state.stripe.intents[at]))
    }
}

impl RefundIntent for World {
    async fn refund_intent(&self, refund: &Refund, id: &str) -> Result<IntentRefund, ProviderError> {
        let mut state = self.call().await;
        let at = state.stripe.find(id).expect("the shop names intents that it was told of");
        let key = refund.provider_key();
        if state.stripe.spoilt.contains(&key) {
            return Err(ProviderError::Failed(500));
        }
        let intent = &state.stripe.intents[at];
        let known = intent.refunds.iter().find(|back| back.asked.as_ref().is_some_and(|(asked, _)| *asked == key));
        if let Some(back) = known {
            return Ok(serde_json::from_value(intent.refund(back)).unwrap());
        }
        let left = intent.left();
        let kinds =
            [Trouble::Unavailable, Trouble::Spoilt, Trouble::LostAnswer, Trouble::SlowRefund, Trouble::RefundFails];
        let trouble = state.stripe.trouble(&kinds);
        match trouble {
            Some(Trouble::Unavailable) => return unavailable(),
            Some(Trouble::Spoilt) => {
                state.stripe.spoilt.insert(key);
                return Err(ProviderError::Failed(500));
            }
            _ if left == 0 => return refused(Some("charge_already_refunded")),
            _ if refund.amount.amount > left => return refused(None),
            _ => {}
        }
        let status = match trouble {
            Some(Trouble::SlowRefund) => BackStatus::Pending,
            Some(Trouble::RefundFails) => BackStatus::Failed,
            _ => BackStatus::Succeeded,
        };
        state.give_back(at, Some((key, refund.id.to_string())), refund.amount.amount, status);
        let intent = &state.stripe.intents[at];
        let back = intent.refunds.last().expect("it was just made");
        if trouble == Some(Trouble::LostAnswer) {
            unavailable()
        } else {
            Ok(serde_json::from_value(intent.refund(back)).unwrap())
        }
    }
}

impl RetrieveRefund for World {
    async fn retrieve_refund(&self, id: &str) -> Result<IntentRefund, ProviderError> {
        let state = self.call().await;
        let found = state
            .stripe
            .intents
            .iter()
            .find_map(|intent| intent.refunds.iter().find(|back| back.id == id).map(|back| intent.refund(back)));
        Ok(serde_json::from_value(found.expect("the shop names refunds that it was told of")).unwrap())
    }
}
