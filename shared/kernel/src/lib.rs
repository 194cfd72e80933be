//! The words every service shares: money, ids, times and checked text.
//!
//! A value of one of these types is valid: text from outside becomes one through `parse`, and so does
//! deserialisation. Nothing here does I/O or asks for the time, except [`fresh`], which only wiring calls.

#![warn(missing_docs)]

mod address;
mod address_input;
mod address_rules;
mod allocation;
mod country;
mod currency;
mod email;
mod fault;
pub mod fresh;
mod id;
mod invalid;
mod locale;
mod money;
mod phone;
mod quantity;
mod sku;
mod slug;
mod string_value;
mod text;
mod time;
mod user_id;

pub use address::Address;
pub use address_input::AddressInput;
pub use address_rules::AddressRules;
pub use country::CountryCode;
pub use currency::Currency;
pub use email::Email;
pub use fault::{Fault, Faults};
pub use id::{
    AddressId, CartId, CategoryId, EventId, ExportId, ImageId, ImportId, LineId, OrderId, PaymentId, ProductId,
    RefundId, ReturnId, ShipmentId, ulid_at,
};
pub use invalid::Invalid;
pub use locale::Locale;
pub use money::{MAX_AMOUNT, Money, MoneyError};
pub use phone::Phone;
pub use quantity::Quantity;
pub use sku::Sku;
pub use slug::Slug;
pub use text::{LongText, Text};
pub use time::Timestamp;
pub use ulid::Ulid;
pub use user_id::UserId;
