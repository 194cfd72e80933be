use kernel::Money;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::{Fact, RefundStatus};
use crate::stripe::objects::{Charge, Intent, IntentRefund, Metadata, UnknownCurrency};

/// A webhook's body.
#[derive(Debug, Deserialize)]
pub struct Event {
    /// The same on every delivery.
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    object: Box<RawValue>,
}

/// What an event tells, and about which of Stripe's intents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub intent: String,
    pub metadata: Metadata,
    pub told: Told,
}

/// News of a payment, or of one refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Fact(Fact),
    Refund { id: String, status: RefundStatus },
}

impl Subject {
    /// How much money came by the intent, as far as the event tells.
    #[must_use]
    pub fn charged(&self) -> Option<Money> {
        match &self.told {
            Told::Fact(Fact::Succeeded { amount: charged } | Fact::Refunded { charged, .. }) => Some(*charged),
            Told::Fact(Fact::Opened { .. } | Fact::Failed(_) | Fact::Cancelled) | Told::Refund { .. } => None,
        }
    }
}

/// An event that Souk should understand and does not.
#[derive(Debug, thiserror::Error)]
pub enum Unclear {
    #[error("the event's object is not what its type says")]
    Object(#[from] serde_json::Error),
    #[error(transparent)]
    Currency(#[from] UnknownCurrency),
    #[error("the intent's status contradicts the event's type")]
    Status,
}

impl Event {
    /// What the event means to a payment; nothing, for the many types that Souk has no use for.
    ///
    /// # Errors
    /// [`Unclear`].
    pub fn subject(&self) -> Result<Option<Subject>, Unclear> {
        let of_intent = |intent: Intent, fact| {
            Some(Subject { intent: intent.id, metadata: intent.metadata, told: Told::Fact(fact) })
        };
        Ok(match self.kind.as_str() {
            "payment_intent.succeeded" | "payment_intent.canceled" => {
                let intent: Intent = self.object()?;
                let fact = intent.settled()?.ok_or(Unclear::Status)?;
                of_intent(intent, fact)
            }
            "payment_intent.payment_failed" => {
                let intent: Intent = self.object()?;
                let fact = Fact::Failed(intent.failure());
                of_intent(intent, fact)
            }
            "charge.refunded" => {
                let charge: Charge = self.object()?;
                let fact = charge.refunds()?;
                // A charge without an intent was not made by Souk.
                charge.payment_intent.map(|intent| Subject {
                    intent,
                    metadata: charge.metadata,
                    told: Told::Fact(fact),
                })
            }
            "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
                let refund: IntentRefund = self.object()?;
                let told = Told::Refund { status: refund.status(), id: refund.id };
                refund.payment_intent.map(|intent| Subject { intent, metadata: refund.metadata, told })
            }
            _ => None,
        })
    }

    fn object<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.data.object.get())
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, Money};

    use super::*;
    use crate::domain::Failure;

    fn subject(kind: &str, object: &str) -> Result<Option<Subject>, Unclear> {
        let json = format!(
            r#"{{"id":"evt_1","object":"event","type":"{kind}","livemode":false,"data":{{"object":{object}}}}}"#
        );
        serde_json::from_str::<Event>(&json).expect("an event").subject()
    }

    fn intent(status: &str) -> String {
        format!(
            r#"{{"id":"pi_1","amount_received":4599,"currency":"eur","status":"{status}","last_payment_error":{{"code":"expired_card"}},
                "metadata":{{"payment_id":"pay_1","order_id":"ord_1","environment":"test"}}}}"#
        )
    }

    #[test]
    fn the_types_that_move_a_payment_are_read() {
        let eur = |amount| Money::new(amount, Currency::EUR);
        let failure = Failure { code: "expired_card".into(), detail: "The card has expired.".into() };
        let charge = r#"{"id":"ch_1","amount":4599,"amount_refunded":1000,"currency":"eur","payment_intent":"pi_1","metadata":{}}"#;
        let table = [
            ("payment_intent.succeeded", intent("succeeded"), Fact::Succeeded { amount: eur(4599) }),
            ("payment_intent.payment_failed", intent("requires_payment_method"), Fact::Failed(failure)),
            ("payment_intent.canceled", intent("canceled"), Fact::Cancelled),
            ("charge.refunded", charge.to_owned(), Fact::Refunded { charged: eur(4599), refunded: eur(1000) }),
        ];
        for (kind, object, fact) in table {
            let found = subject(kind, &object).expect("readable").expect("of use");
            assert_eq!((found.intent.as_str(), found.told), ("pi_1", Told::Fact(fact)), "{kind}");
        }
    }

    #[test]
    fn types_without_a_meaning_here_are_ignored_whatever_they_hold() {
        for kind in ["payment_intent.created", "customer.created", "invented.tomorrow"] {
            assert!(matches!(subject(kind, "[]"), Ok(None)), "{kind}");
        }
        let without_intent = r#"{"amount":1,"amount_refunded":1,"currency":"eur","payment_intent":null}"#;
        assert!(matches!(subject("charge.refunded", without_intent), Ok(None)));
    }

    #[test]
    fn news_of_a_refund_is_read_from_every_type_that_tells_it() {
        for (kind, status, expected) in [
            ("refund.created", "pending", RefundStatus::Pending),
            ("refund.updated", "succeeded", RefundStatus::Succeeded),
            ("charge.refund.updated", "canceled", RefundStatus::Failed),
            ("refund.failed", "failed", RefundStatus::Failed),
        ] {
            let object = format!(
                r#"{{"id":"re_1","object":"refund","status":"{status}","payment_intent":"pi_1","metadata":{{"refund_id":"ref_1"}}}}"#
            );
            let found = subject(kind, &object).expect("readable").expect("of use");
            let told = Told::Refund { id: "re_1".to_owned(), status: expected };
            assert_eq!((found.intent.as_str(), found.metadata.refund_id.as_deref()), ("pi_1", Some("ref_1")), "{kind}");
            assert_eq!(found.told, told, "{kind}");
        }
    }

    #[test]
    fn an_event_that_contradicts_itself_is_an_error() {
        assert!(matches!(subject("payment_intent.succeeded", &intent("processing")), Err(Unclear::Status)));
        assert!(matches!(subject("payment_intent.succeeded", "{}"), Err(Unclear::Object(_))));
    }
}
