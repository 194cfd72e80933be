//! The carts' table: one function for each access pattern.

mod carts;
mod keys;
mod lines;
mod personal;
mod priced;

pub use carts::{CartNotClosed, Carts};
pub use priced::PricedCarts;
