//! What a payment is and how it goes on, without any I/O.

mod closing;
mod payment;
#[cfg(test)]
mod payment_properties;
mod refund;
mod secret;
mod transition;
mod window;

pub use closing::{Closing, next_step};
pub use payment::{Debt, Failure, Payment, PaymentStatus, Provider};
pub use refund::{Refund, RefundStatus};
pub use secret::ClientSecret;
pub use transition::{Contradiction, Fact, News, Outcome};
pub use window::PaymentWindow;

#[cfg(test)]
pub(crate) mod examples {
    pub(crate) use super::payment::examples::*;
    pub(crate) use super::window::examples::*;
}
