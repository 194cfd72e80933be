//! Everything that one service tells the others: a struct for each fact, its source and detail-type, and the envelope around it.
//!
//! Producer and consumers share these types, and a golden JSON file for each (`golden/`) keeps them honest over time: adding an
//! optional field is compatible, anything else is a new version with a new detail-type.

mod catalog;
mod envelope;
#[cfg(test)]
mod golden;
mod orders;
mod payments;
mod users;

pub use catalog::{BackInStock, CategoryChanged, ExportRequested, ProductArchived, ProductChanged, StockLow};
pub use envelope::{Envelope, Event, Unreadable, read_rule_message};
pub use orders::{CancelReason, OrderCancelled, OrderConfirmed, OrderPlaced, OrderSummary, StockLine, SummaryLine};
pub use payments::{PaymentCaptured, PaymentFailed, PaymentRefunded};
pub use users::{
    PasswordChanged, RegistrationAttempted, UserDeleted, UserExportPartReady, UserExportReady, UserExportRequested,
    UserRegistered, UserUpdated,
};

/// The detail-type of every event, for the tests that hold rules and golden files to them.
pub const ALL: &[(&str, &str)] = &[
    name::<UserRegistered>(),
    name::<UserUpdated>(),
    name::<UserDeleted>(),
    name::<PasswordChanged>(),
    name::<RegistrationAttempted>(),
    name::<UserExportRequested>(),
    name::<UserExportPartReady>(),
    name::<UserExportReady>(),
    name::<ProductChanged>(),
    name::<ProductArchived>(),
    name::<CategoryChanged>(),
    name::<ExportRequested>(),
    name::<StockLow>(),
    name::<BackInStock>(),
    name::<OrderPlaced>(),
    name::<OrderConfirmed>(),
    name::<OrderCancelled>(),
    name::<PaymentCaptured>(),
    name::<PaymentFailed>(),
    name::<PaymentRefunded>(),
];

const fn name<E: Event>() -> (&'static str, &'static str) {
    (E::SOURCE, E::DETAIL_TYPE)
}
