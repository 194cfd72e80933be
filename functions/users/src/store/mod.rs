//! The table of users: one function for each access pattern.

mod address_book;
mod admins;
mod changes;
mod codes_queue;
mod emails;
mod exports;
pub mod keys;
mod leaving;
mod listing;
mod registrations;
mod tries;
mod users;

pub use codes_queue::CodesQueue;
pub use users::Users;
