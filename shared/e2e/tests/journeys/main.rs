//! Journeys on a running shop, written as a shopper would live them. `scripts/test` starts the shop and says where it is.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod accounts;
mod authorization;
mod bad_input;
mod budgets;
mod cancelling;
mod carts;
mod catalogue;
mod checkout;
mod payments;
mod purchase;
mod staff;
mod tax;
