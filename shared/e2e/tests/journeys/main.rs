//! Journeys on a running shop, written as a shopper would live them. `scripts/test` starts the shop and says where it is.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod accounts;
mod app_client;
mod authorization;
mod bad_input;
mod budgets;
mod cancelling;
mod carts;
mod catalogue;
mod categories;
mod checkout;
mod crashes;
mod drift;
mod faulty_races;
mod guards;
mod guest_orders;
mod histories;
mod images;
mod imports;
mod inventory;
mod large_products;
mod late_money;
mod listing;
mod me;
mod payments;
mod personal_data;
mod products;
mod purchase;
mod races;
mod relays;
mod sessions;
mod staff;
mod staff_users;
mod stock_alerts;
mod tax;
mod webhooks;
