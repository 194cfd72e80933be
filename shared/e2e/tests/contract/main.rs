//! Contracts between the parts of the shop, held without running it: templates against code, code against documentation.

mod architecture;
mod documents;
mod events;
mod permissions;
mod queues;
mod stacks;
