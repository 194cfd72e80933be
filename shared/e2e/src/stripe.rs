//! The shopper's side of Stripe: what Stripe.js does in a browser.

use crate::shop::{Answer, agent, read, setting};

/// A card that pays.
pub const GOOD_CARD: &str = "4242424242424242";
/// A card that the bank declines.
pub const DECLINED_CARD: &str = "4000000000000002";

/// Confirms the payment intent of `client_secret` with `card`.
#[must_use]
pub fn pay(client_secret: &str, card: &str) -> Answer {
    let (intent, _) = client_secret.split_once("_secret_").expect("a client secret names its intent");
    let url = format!("{}/v1/payment_intents/{intent}/confirm", setting("SOUK_STRIPE_URL"));
    let form = [
        ("key", "pk_test_souk"),
        ("client_secret", client_secret),
        ("payment_method_data[type]", "card"),
        ("payment_method_data[card][number]", card),
        ("payment_method_data[card][exp_month]", "12"),
        ("payment_method_data[card][exp_year]", "2034"),
        ("payment_method_data[card][cvc]", "123"),
    ];
    read(agent().post(url).send_form(form).unwrap())
}
