//! The endpoints, one file each.

pub mod confirm;
pub mod get_me;
pub mod profiles;
pub mod refresh_session;
pub mod register;
pub mod sign_in;
