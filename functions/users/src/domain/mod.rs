//! Who has an account.

mod account;
mod password;
mod profile;

pub use account::Account;
pub use password::Password;
pub use profile::{Name, Profile};
