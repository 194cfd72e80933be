//! The notifications' table: one function for each access pattern.

mod deliveries;
mod keys;
mod personal;

pub use deliveries::Deliveries;
