//! The platform: what the shop tells of itself. It owns no data.
//!
//! * [`handlers`] has one file for each endpoint.
//! * [`registry`] is where services say that they are there; [`queues`] knows what is stuck.
//! * [`routes`] describes the endpoints.

pub mod handlers;
pub mod queues;
pub mod registry;
pub mod routes;
