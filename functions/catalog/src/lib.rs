//! The catalogue: products, their categories, prices and stock.
//!
//! * [`domain`] knows what a product, an offer, a category and a stock are, and does no I/O.
//! * [`handlers`] has one file for each endpoint and consumer.
//! * [`store`] is the only code that touches the catalogue's table; [`media`] is where shoppers see pictures.
//! * [`uploads`] is the private bucket: what staff upload, and copies of the catalogue.
//! * [`interface`] is what other services may use: reading offers and reserving stock.
//! * [`routes`] describes the endpoints.

pub mod domain;
#[cfg(test)]
mod fixtures;
pub mod handlers;
pub mod interface;
pub mod media;
pub mod routes;
pub mod store;
pub mod uploads;
pub mod views;
