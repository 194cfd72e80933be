//! Takes events from a service's outbox rows to the bus.
//!
//! A row that exists is an event that the bus has not taken. [`relay`] runs on the table's stream and sends within moments of the
//! commit; [`sweep`] runs every minute and sends what the relay could not. Both delete a row only after the bus took its event, so a
//! crash anywhere sends an event again rather than never.

mod bus;
mod outbox;
mod relay;
mod sweep;

pub use lambda_runtime::Error;
pub use relay::relay;
pub use sweep::{Swept, sweep};
