//! The way out of a function: settings from its environment, AWS clients, and plain HTTPS calls to other providers.
//!
//! Clients are built for a quick start (DESIGN §9): one connector a process, credentials and region straight from the environment,
//! no profile file and no instance metadata, and the roots of Amazon's certificates instead of the system's whole bundle.
//! Endpoints are never set in code: the SDK reads `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`.

pub mod calls;
mod config;
pub mod env;
#[cfg(debug_assertions)]
mod failpoints;
pub mod fetch;

pub use aws_config::SdkConfig;
pub use config::{config, warm_up};
