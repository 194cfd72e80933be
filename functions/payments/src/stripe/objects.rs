//! Stripe's objects, as far as Souk reads them. They come in answers and in webhooks alike.

use kernel::{Currency, Money};
use serde::Deserialize;

use crate::domain::{ClientSecret, Fact, Failure, RefundStatus};

/// What Souk wrote on an object when it made it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Metadata {
    #[serde(default)]
    pub payment_id: Option<String>,
    #[serde(default)]
    pub order_id: Option<String>,
    #[serde(default)]
    pub environment: Option<String>,
    #[serde(default)]
    pub refund_id: Option<String>,
}

/// One payment of one shopper.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Intent {
    pub id: String,
    pub status: IntentStatus,
    #[serde(default)]
    pub amount_received: i64,
    pub currency: String,
    #[serde(default)]
    pub client_secret: Option<ClientSecret>,
    #[serde(default)]
    pub metadata: Metadata,
    #[serde(default)]
    last_payment_error: Option<LastError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentStatus {
    Succeeded,
    Canceled,
    /// On its way, or waiting for somebody.
    #[serde(other)]
    Open,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct LastError {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
}

/// Money that was taken, and what went back of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Charge {
    pub amount: i64,
    pub amount_refunded: i64,
    pub currency: String,
    #[serde(default)]
    pub payment_intent: Option<String>,
    #[serde(default)]
    pub metadata: Metadata,
}

/// Money on its way back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IntentRefund {
    pub id: String,
    status: String,
    #[serde(default)]
    pub payment_intent: Option<String>,
    #[serde(default)]
    pub metadata: Metadata,
}

/// A currency that the shop does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Stripe speaks of the currency '{0}'")]
pub struct UnknownCurrency(String);

impl Intent {
    /// What is certain about it: paid or closed. Nothing while it is open.
    ///
    /// # Errors
    /// [`UnknownCurrency`].
    pub fn settled(&self) -> Result<Option<Fact>, UnknownCurrency> {
        Ok(match self.status {
            IntentStatus::Succeeded => Some(Fact::Succeeded { amount: money(self.amount_received, &self.currency)? }),
            IntentStatus::Canceled => Some(Fact::Cancelled),
            IntentStatus::Open => None,
        })
    }

    /// Why the last attempt did not succeed.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let error = self.last_payment_error.as_ref();
        let code = error.and_then(|error| error.code.clone()).unwrap_or_else(|| "payment_failed".to_owned());
        let detail = sentence(&code, error.and_then(|error| error.decline_code.as_deref()));
        Failure { code, detail: detail.to_owned() }
    }
}

impl Charge {
    /// What went back of it so far.
    ///
    /// # Errors
    /// [`UnknownCurrency`].
    pub fn refunds(&self) -> Result<Fact, UnknownCurrency> {
        let charged = money(self.amount, &self.currency)?;
        Ok(Fact::Refunded { charged, refunded: Money::new(self.amount_refunded, charged.currency) })
    }
}

impl IntentRefund {
    #[must_use]
    pub fn status(&self) -> RefundStatus {
        match self.status.as_str() {
            "succeeded" => RefundStatus::Succeeded,
            "failed" | "canceled" => RefundStatus::Failed,
            _ => RefundStatus::Pending,
        }
    }
}

fn money(amount: i64, currency: &str) -> Result<Money, UnknownCurrency> {
    let known = Currency::parse(&currency.to_ascii_uppercase()).map_err(|_| UnknownCurrency(currency.to_owned()))?;
    Ok(Money::new(amount, known))
}

/// A sentence for the shopper. What a bank says about theft or fraud stays between bank and holder.
fn sentence(code: &str, decline_code: Option<&str>) -> &'static str {
    match (code, decline_code) {
        ("card_declined", Some("insufficient_funds")) => "The card has insufficient funds.",
        ("card_declined", _) => "The card was declined.",
        ("expired_card", _) => "The card has expired.",
        ("incorrect_cvc" | "invalid_cvc", _) => "The card's security code is wrong.",
        ("incorrect_number" | "invalid_number", _) => "The card's number is wrong.",
        ("processing_error", _) => "The card could not be charged just now.",
        ("payment_intent_authentication_failure", _) => "The payment was not approved.",
        _ => "The payment did not succeed.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent(status: &str, last_error: &str) -> Intent {
        let json = format!(
            r#"{{"id":"pi_1","object":"payment_intent","amount":4599,"amount_received":4599,"currency":"eur","status":"{status}",
                "metadata":{{"payment_id":"pay_1","else":"x"}},"last_payment_error":{last_error},"new_field":[1]}}"#
        );
        serde_json::from_str(&json).expect("an intent")
    }

    #[test]
    fn only_a_paid_or_closed_intent_is_certain() {
        let paid = Fact::Succeeded { amount: Money::new(4599, Currency::EUR) };
        assert_eq!(intent("succeeded", "null").settled(), Ok(Some(paid)));
        assert_eq!(intent("canceled", "null").settled(), Ok(Some(Fact::Cancelled)));
        for open in
            ["requires_payment_method", "requires_action", "processing", "requires_capture", "invented_tomorrow"]
        {
            assert_eq!(intent(open, "null").settled(), Ok(None), "{open}");
        }
    }

    #[test]
    fn a_decline_is_told_without_what_the_bank_keeps_to_itself() {
        let failure = |error: &str| intent("requires_payment_method", error).failure();
        let poor = failure(r#"{"code":"card_declined","decline_code":"insufficient_funds","message":"…"}"#);
        assert_eq!((poor.code.as_str(), poor.detail.as_str()), ("card_declined", "The card has insufficient funds."));
        let stolen = failure(r#"{"code":"card_declined","decline_code":"stolen_card"}"#);
        assert_eq!(stolen.detail, "The card was declined.");
        assert_eq!(failure("null").code, "payment_failed");
    }

    #[test]
    fn a_currency_nobody_knows_is_no_fact() {
        let foreign = Intent { currency: "zzz".into(), ..intent("succeeded", "null") };
        assert_eq!(foreign.settled(), Err(UnknownCurrency("zzz".into())));
    }
}
