//! What a notice is about.

mod account_words;
mod amount;
mod date;
mod delivery;
#[cfg(test)]
pub(crate) mod examples;
mod letter;
mod mail;
mod notice;
mod stock_words;
mod words;

pub use amount::amount;
pub use date::date;
pub(crate) use delivery::lease;
pub use delivery::{Delivery, Outcome, Status, Turn};
pub use mail::{Mail, Templates};
pub use notice::{About, AccountNews, Goods, Incoming, Notice, OrderNews, Recipient};
