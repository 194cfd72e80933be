//! What other services may use of carts: reading one along with their own rows, and closing it when its order is placed.

pub use crate::domain::{Cart, CartLine, CartOwner, CartStatus};
pub use crate::store::{CartNotClosed, Carts};
