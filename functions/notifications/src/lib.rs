//! Notifications: what the shop tells people, and that each thing is told once.
//!
//! * [`domain`] knows what a notice says, in which language, and how far its delivery is; it does no I/O.
//! * [`handlers`] has one file for each channel.
//! * [`store`] is the only code that touches the notifications' table.
//! * [`ses`] is the provider of mail.
//!
//! Everything a mail shows comes with the event: no other service's table is read.

pub mod domain;
pub mod handlers;
pub mod ses;
pub mod store;
