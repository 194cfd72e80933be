//! The notifications' table: one function for each access pattern.

mod deliveries;
mod keys;

pub use deliveries::Deliveries;
