//! The table of users: one function for each access pattern.

pub mod keys;
mod users;

pub use users::Users;
