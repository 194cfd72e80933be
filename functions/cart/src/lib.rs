//! Carts: what a guest or a shopper means to buy.
//!
//! * [`domain`] knows what a cart is and which changes it takes, and does no I/O.
//! * [`handlers`] has one file for each endpoint.
//! * [`store`] is the only code that touches the carts' table.
//! * [`interface`] is what checkout may use: reading a cart and closing it.
//! * [`routes`] describes the endpoints.

pub mod domain;
pub mod handlers;
pub mod interface;
pub mod routes;
pub mod store;
