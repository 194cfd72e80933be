//! Users: accounts, sign-in and profiles.
//!
//! * [`domain`] knows what an account, a password and a profile are, and does no I/O.
//! * [`handlers`] has one file for each endpoint.
//! * [`cognito`] is the only code that talks to the user pool, [`store`] the only code that touches the table of users.
//! * [`interface`] is what other services may use: reading profiles.
//! * [`routes`] describes the endpoints.

pub mod cognito;
pub mod domain;
pub mod handlers;
pub mod interface;
pub mod routes;
pub mod store;
