//! What a cart is about.

mod access;
mod cart;
mod change;
#[cfg(test)]
pub(crate) mod examples;

pub use cart::{Cart, CartLine, CartOwner, CartStatus, MAX_LINES};
pub use change::{LineChange, Refusal, sells};
