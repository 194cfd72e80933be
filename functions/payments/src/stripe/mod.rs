//! Stripe's side of a payment: its API, its webhooks, and what both say in Souk's words.
//!
//! Errors are told apart by Stripe's `type` and `code`, never by a message.

mod client;
mod error;
mod event;
mod form;
mod objects;
mod secret;
mod signature;

pub use client::Stripe;
pub use error::{ProviderError, Refusal};
pub use event::{Event, Subject, Told, Unclear};
pub use objects::{Charge, Intent, IntentRefund, IntentStatus, Metadata, UnknownCurrency};
pub use secret::{Secrets, StripeSecret};
#[cfg(test)]
pub(crate) use signature::examples::sign;
pub use signature::{SignatureError, verify};
