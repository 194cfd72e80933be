//! Tests of the whole: contracts between the parts (`tests/contract`, no emulator) and shoppers' journeys on a running shop
//! (`tests/journeys`, started by `scripts/test`).
//!
//! [`openapi`] and [`gateway`] write the API's document and the gateway's routes from the endpoints' own descriptions; [`templates`]
//! reads the stacks; [`buyer`], [`people`], [`goods`], [`stock`], [`shelves`], [`mailbox`] and [`stripe`] are the hands of shoppers and staff,
//! [`crowd`] those of two hundred at once, [`operator`] those of whoever runs the shop; [`cognito`] is asked past the shop.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that cannot go on says so")]

pub mod buyer;
pub mod chance;
pub mod cognito;
pub mod crowd;
pub mod declarations;
pub mod faults;
pub mod gateway;
pub mod goods;
pub mod logs;
pub mod mailbox;
pub mod openapi;
pub mod operator;
pub mod ordered;
pub mod people;
pub mod products;
pub mod settings;
pub mod shelves;
pub mod shop;
pub mod staff;
pub mod stock;
pub mod stripe;
pub mod templates;
pub mod totp;
pub mod uploads;

use std::path::PathBuf;

use api::Route;

/// The services, in the order in which they deploy.
pub const SERVICES: [&str; 7] = ["users", "catalog", "cart", "orders", "payments", "notifications", "platform"];

/// Every endpoint of the shop.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = users::routes::routes();
    routes.extend(catalog::routes::routes());
    routes.extend(cart::routes::routes());
    routes.extend(orders::routes::routes());
    routes.extend(payments::routes::routes());
    routes.extend(platform::routes::routes());
    routes
}

/// A text that no other test uses, now or later.
#[must_use]
pub fn unique() -> String {
    kernel::fresh::ulid().to_string().to_lowercase()
}

/// The top of the checkout.
#[must_use]
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// Compares a generated file with the committed one; `UPDATE=1` writes it instead.
///
/// # Errors
/// What to do when they differ.
#[expect(clippy::disallowed_methods, reason = "a switch for the one who runs the test")]
pub fn hold_generated(file: &str, expected: &str) -> Result<(), String> {
    let path = repository().join(file);
    if std::env::var("UPDATE").is_ok_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, expected).unwrap();
        return Ok(());
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    if committed == expected {
        Ok(())
    } else {
        Err(format!(
            "{file} is not what the endpoints describe; run `UPDATE=1 cargo test -p e2e --test contract` and commit it"
        ))
    }
}
