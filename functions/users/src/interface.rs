//! What other services may use of the users: reading the profile of somebody who is signed in.

pub use crate::domain::{Name, Profile};
pub use crate::store::Users;
