//! What other services may use of the catalogue: reading offers, and reserving their stock for an order.

pub use crate::domain::{Image, Offer, Stock};
pub use crate::store::{Catalog, NotReserved, Reservation};
