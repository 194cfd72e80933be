//! The payments' table: one function for each access pattern.

mod attempts;
pub mod keys;
mod payments;
mod personal;
mod provider_event;
mod reconciling;
mod till;
mod webhook_queue;

pub use payments::Payments;
pub use provider_event::ProviderEvent;
pub use till::Till;
pub use webhook_queue::WebhookQueue;
