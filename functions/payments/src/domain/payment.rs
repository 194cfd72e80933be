use api::{Caller, Capability};
use kernel::{Money, OrderId, PaymentId, Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use telemetry::Trace;

use crate::domain::ClientSecret;

/// Who moves the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    Stripe,
}

/// How far a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Written down; the provider has not answered yet.
    Created,
    /// The provider waits for the shopper.
    Pending,
    /// The last attempt did not succeed; the shopper may try another card.
    Failed,
    /// Nobody can pay it any more.
    Cancelled,
    /// The provider has the money.
    Captured,
    PartiallyRefunded,
    Refunded,
}

/// Why an attempt to pay did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// The provider's word for it: `card_declined`.
    pub code: String,
    /// A sentence for the shopper.
    pub detail: String,
}

/// One attempt to pay for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub id: PaymentId,
    pub order_id: OrderId,
    pub provider: Provider,
    pub status: PaymentStatus,
    /// What the order costs, and what the provider is asked for.
    pub amount: Money,
    pub captured: Money,
    pub refunded: Money,
    /// The provider's name for it; set once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<ClientSecret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Money came in by it that pays for nothing: another payment has paid, or the order never awaited this. It goes back.
    #[serde(default)]
    pub surplus: bool,
    /// How often the provider failed to open it: it keeps its failure for the key, so that the next try needs another.
    #[serde(default)]
    pub failures: u32,
    /// Whose order it is, copied so that the payment can be shown without reading the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    pub token_version: u32,
    /// The request it began with: what happens to it later is logged under the same id.
    pub trace: Trace,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What a payment is made for.
#[derive(Debug, Clone)]
pub struct Debt {
    pub order_id: OrderId,
    pub amount: Money,
    pub user_id: Option<UserId>,
    pub token_version: u32,
}

impl Payment {
    /// A payment that the provider has not heard of yet.
    #[must_use]
    pub fn new(id: PaymentId, provider: Provider, debt: Debt, trace: Trace, now: Timestamp) -> Self {
        let nothing = Money::zero(debt.amount.currency);
        Self {
            id,
            order_id: debt.order_id,
            provider,
            status: PaymentStatus::Created,
            amount: debt.amount,
            captured: nothing,
            refunded: nothing,
            provider_id: None,
            client_secret: None,
            failure: None,
            surplus: false,
            failures: 0,
            user_id: debt.user_id,
            token_version: debt.token_version,
            trace,
            created_at: now,
            updated_at: now,
        }
    }

    /// What the provider knows this try to open it by.
    #[must_use]
    pub fn provider_key(&self) -> String {
        match self.failures {
            0 => format!("{}-create", self.id),
            failures => format!("{}-create-{failures}", self.id),
        }
    }

    /// Whether the shopper can still do something with the client secret.
    #[must_use]
    pub fn awaits_shopper(&self) -> bool {
        matches!(self.status, PaymentStatus::Pending | PaymentStatus::Failed)
    }

    /// The payment without the person: what was paid, and for which order, stays; nobody can open it any more.
    #[must_use]
    pub fn without_person(self) -> Self {
        Self { user_id: None, token_version: self.token_version + 1, ..self }
    }

    /// Whether `caller` may see it: the shopper whose order it is, or whoever holds a guest order's token.
    #[must_use]
    pub fn opens_to(&self, caller: &Caller, order_token: Option<&str>, capability: &Capability) -> bool {
        match &self.user_id {
            Some(owner) => caller.user_id() == Some(owner),
            None => order_token
                .is_some_and(|token| capability.allows(token, "order", &self.order_id.to_string(), self.token_version)),
        }
    }
}

#[cfg(test)]
pub(crate) mod examples {
    use kernel::{Currency, ulid_at};

    use super::*;

    pub(crate) fn at(second: i64) -> Timestamp {
        Timestamp::from_epoch_seconds(1_800_000_000 + second)
    }

    pub(crate) fn eur(amount: i64) -> Money {
        Money::new(amount, Currency::EUR)
    }

    /// A guest's payment of 45.99 EUR that the provider has not answered.
    pub(crate) fn created() -> Payment {
        let debt =
            Debt { order_id: OrderId::new(ulid_at(at(0), 1)), amount: eur(4599), user_id: None, token_version: 1 };
        Payment::new(PaymentId::new(ulid_at(at(1), 2)), Provider::Stripe, debt, Trace::start("test"), at(1))
    }

    /// The same, with the provider waiting for the shopper.
    pub(crate) fn pending() -> Payment {
        let opened = crate::domain::Fact::Opened { client_secret: "pi_1_secret_x".to_owned().into() };
        created().learn("pi_1", &opened, at(2)).expect("the first fact").payment
    }

    /// The same, paid.
    pub(crate) fn captured() -> Payment {
        pending()
            .learn("pi_1", &crate::domain::Fact::Succeeded { amount: eur(4599) }, at(3))
            .expect("the amount is right")
            .payment
    }
}

#[cfg(test)]
mod tests {
    use api::User;

    use super::*;

    fn user(id: &str) -> Caller {
        let signed_in_at = Timestamp::from_epoch_seconds(0);
        Caller::User(User { id: UserId::parse(id).expect("a user id"), groups: Vec::new(), signed_in_at })
    }

    const ANN: &str = "6f1c2d3e-4a5b-4c6d-8e7f-0123456789ab";
    const BOB: &str = "7f1c2d3e-4a5b-4c6d-8e7f-0123456789ab";

    #[test]
    fn a_guests_payment_opens_with_the_orders_token_only() {
        let (capability, payment) = (Capability::new(b"key"), examples::created());
        let token = capability.token("order", &payment.order_id.to_string(), 1);
        let revoked = capability.token("order", &payment.order_id.to_string(), 0);
        let of_a_cart = capability.token("cart", &payment.order_id.to_string(), 1);
        assert!(payment.opens_to(&Caller::Guest, Some(&token), &capability));
        assert!(payment.opens_to(&user(ANN), Some(&token), &capability));
        for wrong in [None, Some(revoked.as_str()), Some(of_a_cart.as_str()), Some("")] {
            assert!(!payment.opens_to(&Caller::Guest, wrong, &capability), "{wrong:?}");
        }
    }

    #[test]
    fn a_shoppers_payment_opens_to_that_shopper_only() {
        let capability = Capability::new(b"key");
        let Caller::User(ann) = user(ANN) else { unreachable!() };
        let payment = Payment { user_id: Some(ann.id), ..examples::created() };
        let token = capability.token("order", &payment.order_id.to_string(), 1);
        assert!(payment.opens_to(&user(ANN), None, &capability));
        assert!(!payment.opens_to(&user(BOB), Some(&token), &capability));
        assert!(!payment.opens_to(&Caller::Guest, Some(&token), &capability));
    }

    #[test]
    fn a_payment_whose_shopper_left_names_nobody_and_opens_to_nobody() {
        let capability = Capability::new(b"key");
        let Caller::User(ann) = user(ANN) else { unreachable!() };
        let before = Payment { user_id: Some(ann.id), ..examples::captured() };
        let after = before.clone().without_person();
        assert!(!serde_json::to_string(&after).expect("plain data").contains(ANN));
        assert_eq!(
            (after.captured, after.order_id, &after.provider_id),
            (before.captured, before.order_id, &before.provider_id)
        );
        let token = capability.token("order", &after.order_id.to_string(), before.token_version);
        assert!(!after.opens_to(&user(ANN), Some(&token), &capability));
    }
}
