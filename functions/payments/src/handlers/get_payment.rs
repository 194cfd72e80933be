//! `GET /payments/{id}`: how far a payment is.

use api::{Authenticator, Capability, Code, Problem, Request, Response};
use dynamo::StoreError;
use kernel::PaymentId;

use crate::domain::Payment;
use crate::handlers::PaymentView;

/// All this endpoint may do to the table; its role grants the same and no more.
pub trait LoadPayment {
    async fn load_payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError>;
}

pub struct Deps<S> {
    pub payments: S,
    pub auth: Authenticator,
    pub capability: Capability,
}

pub async fn handle(deps: &Deps<impl LoadPayment>, request: Request) -> Result<Response, Problem> {
    let id = request.path_parameter("id")?;
    let caller = deps.auth.caller(&request).await?;
    let payment = deps.payments.load_payment(id).await?;
    let token = request.header("order-token");
    // Somebody else's payment is answered like none.
    let payment = payment
        .filter(|payment| payment.opens_to(&caller, token, &deps.capability))
        .ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Response::ok(&PaymentView::of(&payment)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::examples::{captured, created, pending};

    struct Stored(Payment);

    impl LoadPayment for Stored {
        async fn load_payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
            Ok(Some(self.0.clone()).filter(|payment| payment.id == id))
        }
    }

    async fn get(payment: Payment, id: &str, token: Option<&str>) -> Result<serde_json::Value, Problem> {
        let auth = testkit::auth::authenticator();
        let deps = Deps { payments: Stored(payment), auth, capability: Capability::new(b"key") };
        let request = testkit::request::get(&format!("/payments/{id}")).path_parameter("id", id);
        let request = token.into_iter().fold(request, |request, token| request.header("order-token", token));
        handle(&deps, request.build()).await.map(|response| testkit::json(&response))
    }

    fn token(payment: &Payment) -> String {
        Capability::new(b"key").token("order", &payment.order_id.to_string(), 1)
    }

    #[tokio::test]
    async fn a_guest_sees_the_payment_of_their_order() {
        let payment = pending();
        let shown = get(payment.clone(), &payment.id.to_string(), Some(&token(&payment))).await.unwrap();
        assert_eq!(
            shown,
            json!({
                "id": payment.id, "order_id": payment.order_id, "provider": "stripe", "status": "pending",
                "amount": { "amount": 4599, "currency": "EUR" }, "refunded": { "amount": 0, "currency": "EUR" },
                "client_secret": "pi_1_secret_x", "created_at": payment.created_at,
            })
        );
    }

    #[tokio::test]
    async fn the_client_secret_is_gone_once_there_is_nothing_to_finish() {
        let payment = captured();
        let shown = get(payment.clone(), &payment.id.to_string(), Some(&token(&payment))).await.unwrap();
        assert_eq!((&shown["status"], &shown["client_secret"]), (&json!("captured"), &json!(null)));
    }

    #[tokio::test]
    async fn somebody_elses_payment_is_answered_like_none() {
        let id = created().id.to_string();
        let other = Capability::new(b"key").token("order", "ord_01JH8Z6V0W4T3N9Q2RSKX7M5CD", 1);
        for (id, token) in
            [(id.as_str(), None), (&id, Some(other.as_str())), ("pay_01JH8Z6V0W4T3N9Q2RSKX7M5CD", None), ("x", None)]
        {
            let refused = get(created(), id, token).await.expect_err("not theirs");
            assert_eq!(refused.code(), Code::NotFound, "{id} {token:?}");
        }
    }
}
