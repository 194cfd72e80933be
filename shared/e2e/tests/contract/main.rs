//! Contracts between the parts of the shop, held without running it: templates against code, code against documentation.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod architecture;
mod documents;
mod events;
mod permissions;
mod personal;
mod queues;
mod stacks;
