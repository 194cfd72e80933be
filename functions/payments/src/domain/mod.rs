//! What a payment is and how it goes on, without any I/O.

mod attempts;
mod booking;
#[cfg(test)]
mod booking_properties;
mod closing;
mod payment;
#[cfg(test)]
mod payment_properties;
mod reconciling;
mod refund;
mod secret;
mod transition;
mod window;

pub use attempts::{Attempts, Plan, plan};
pub use booking::{Booked, OrderState, Stray, book, book_stray, stray_id};
pub use closing::{Closing, next_step};
pub use payment::{Debt, Failure, Payment, PaymentStatus, Provider};
pub use reconciling::{Look, Stuck, look, look_at_order};
pub use refund::{Refund, RefundReason, RefundStatus};
pub use secret::ClientSecret;
pub use transition::{Contradiction, Fact, News, Outcome};
pub use window::PaymentWindow;

#[cfg(test)]
pub(crate) mod examples {
    pub(crate) use super::payment::examples::*;
    pub(crate) use super::window::examples::*;
}
