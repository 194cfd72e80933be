//! One file for each endpoint and consumer, and what they share.

mod change;
pub mod close_payment;
pub mod create_payment;
pub mod get_payment;
pub mod on_order_cancelled;
pub mod process_webhook;
mod provider;
pub mod receive_stripe_webhook;
pub mod reconcile;
mod view;

pub use change::{Clock, Held, Raced, SaveChange, Stamp, Step};
pub(crate) use change::{announce_surplus, commit};
pub use provider::{CancelIntent, OpenIntent, RefundIntent, RetrieveIntent, RetrieveRefund};
pub use view::PaymentView;

#[cfg(test)]
pub(crate) mod fakes;
