//! Orders: the shop's settings, what a cart would cost delivered, and the order from placing to its end.
//!
//! * [`domain`] prices a cart for a destination, and knows what may become of an order. It does no I/O.
//! * [`handlers`] has one file for each endpoint and consumer.
//! * [`store`] is the only code that touches the orders' table, and commits the one transaction over three tables: placing.
//! * [`interface`] is what payments may use: reading an order and holding it open while it is paid.
//! * [`routes`] describes the endpoints.

pub mod domain;
pub mod handlers;
pub mod interface;
pub mod routes;
pub mod store;
