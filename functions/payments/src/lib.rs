//! Payments: what shoppers pay for their orders through a provider, and what goes back to them.
//!
//! * [`domain`] knows how a payment goes on, and does no I/O.
//! * [`handlers`] has one file for each endpoint and consumer.
//! * [`store`] is the only code that touches the payments' table.
//! * [`stripe`] is the only code that knows Stripe.
//! * [`routes`] describes the endpoints.

pub mod domain;
pub mod handlers;
pub mod routes;
pub mod store;
pub mod stripe;
