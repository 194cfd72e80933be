//! What orders are about.

mod account;
mod checkout;
mod forgetting;
mod line;
mod number;
mod order;
mod settings;
mod status;
mod summary;

pub use account::{Account, ListedFor};
pub use checkout::{CheckoutError, Draft, Shortage};
pub use forgetting::Departed;
pub use line::{Discount, DraftLine, Image, OrderLine};
pub use number::OrderNumber;
pub use order::{Order, OrderError, OrderEvent, Placing, TimelineEntry, TimelineKind, Transition};
pub use settings::Settings;
pub use status::{FulfillmentStatus, OrderStatus, PaymentStatus};

#[cfg(test)]
mod checkout_tests;
#[cfg(test)]
mod order_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod samples;
