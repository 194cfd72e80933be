//! The orders' table: one function for each access pattern.

mod accounts;
mod checkout;
mod due;
mod expiry_queue;
pub mod keys;
mod orders;
mod personal;
mod placement;
mod rows;
mod settings;
mod transitions;

pub use checkout::Checkout;
pub use expiry_queue::ExpiryQueue;
pub use orders::{OrderClosed, Orders};
pub use placement::Placement;
