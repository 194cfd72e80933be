//! What a notice is about.

mod amount;
mod delivery;
#[cfg(test)]
pub(crate) mod examples;
mod mail;
mod notice;
mod words;

pub use amount::amount;
pub(crate) use delivery::lease;
pub use delivery::{Delivery, Outcome, Status, Turn};
pub use mail::{Mail, Templates};
pub use notice::{About, Notice};
