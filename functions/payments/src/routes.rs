//! The payments' rows of the API.

use api::{Access, Code, Route};

use crate::handlers::{PaymentView, create_payment, receive_stripe_webhook};

/// All endpoints of this service.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::post(
            "/orders/{id}/payments",
            "payments-create-payment",
            "Begin to pay for an order; under another key, the payment that is still open",
        )
        .access(Access::Optional)
        .guests_show("Order-Token")
        .idempotent()
        .body::<create_payment::CreatePayment>()
        .answers::<PaymentView>(201)
        .refuses(&[
            Code::OrderNotPayable,
            Code::IdempotencyInFlight,
            Code::AmountBelowMinimum,
            Code::AmountTooLarge,
            Code::ProviderNotConfigured,
            Code::ProviderUnavailable,
        ]),
        Route::get("/payments/{id}", "payments-get-payment", "A payment and how far it is")
            .access(Access::Optional)
            .guests_show("Order-Token")
            .answers::<PaymentView>(200),
        Route::post("/hooks/stripe", "payments-receive-stripe-webhook", "Take an event from Stripe")
            .access(Access::Provider)
            .bodies_up_to(receive_stripe_webhook::MAX_BODY)
            .answers::<receive_stripe_webhook::Received>(200)
            .refuses(&[
                Code::SignatureInvalid,
                Code::BodyTooLarge,
                Code::ProviderNotConfigured,
                Code::ProviderUnavailable,
            ]),
    ]
}
