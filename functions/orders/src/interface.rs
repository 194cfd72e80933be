//! What other services may use of the orders: reading one, asking whether the caller may see it, and extending its time to pay.

pub use crate::domain::{FulfillmentStatus, Order, OrderNumber, OrderStatus, PaymentStatus};
pub use crate::store::{OrderClosed, Orders};
