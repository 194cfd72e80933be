//! What other services may use of the users: reading the profile of somebody who is signed in, and an address of their book.

pub use crate::domain::{Name, Profile};
pub use crate::store::Users;
