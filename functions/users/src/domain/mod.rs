//! Who has an account.

mod access_token;
mod account;
mod address_book;
mod admins;
mod codes;
mod email_claim;
mod export;
mod password;
mod profile;
mod profile_change;
mod registrations;
#[cfg(test)]
pub(crate) mod samples;
mod staff_change;
mod totp;
mod tries;

pub use access_token::AccessToken;
pub use account::{Account, AccountState};
pub use address_book::{BookFull, MAX_ADDRESSES, SavedAddress, Serving};
pub use admins::{Admins, LastAdmin};
pub use codes::{CodeKind, Due};
pub use email_claim::{EmailClaim, HOLD_SECONDS};
pub use export::{Export, ExportStatus, PARTS};
pub use password::Password;
pub use profile::{MarketingConsent, Name, Person, Profile, Status, Tombstone};
pub use profile_change::ProfileChange;
pub use registrations::Registrations;
pub use staff_change::{StaffChange, Step};
pub use totp::TotpSecret;
pub(crate) use tries::pseudonym;
pub use tries::{Counter, Limits, TryKind, Window};
