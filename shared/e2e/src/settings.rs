//! Tests share one shop; each shop has its own lock. Whoever changes its settings is alone for that time.

use std::fs::File;

use serde_json::Value;

use crate::people::admin;
use crate::shop::{put, setting};
use crate::{repository, unique};

/// Held while a test relies on the shop's settings staying as they are.
#[derive(Debug)]
pub struct Unchanged(#[expect(dead_code, reason = "dropping it ends the lock")] File);

fn lock_file() -> File {
    let path = repository().join(format!("target/e2e-settings-{}.lock", setting("SOUK_ENVIRONMENT")));
    File::options().create(true).truncate(false).write(true).open(path).unwrap()
}

#[must_use]
pub fn unchanged() -> Unchanged {
    let file = lock_file();
    file.lock_shared().unwrap();
    Unchanged(file)
}

/// Held while a test disturbs the whole shop: no other test runs meanwhile.
#[derive(Debug)]
pub struct Alone(#[expect(dead_code, reason = "dropping it ends the lock")] File);

#[must_use]
pub fn alone() -> Alone {
    let file = lock_file();
    file.lock().unwrap();
    Alone(file)
}

/// Changes the tax table for `work` and puts it back, whatever comes of it.
pub fn with_tax_rates(rates: &Value, work: impl FnOnce() + std::panic::UnwindSafe) {
    let _alone = alone();
    put_tax_rates(rates);
    let outcome = std::panic::catch_unwind(work);
    put_tax_rates(&demo("tax-rates"));
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// Puts the shipping zones back after `work`, which is given them and may set others, whatever comes of it.
pub fn changing_shipping_zones(work: impl FnOnce(Value) + std::panic::UnwindSafe) {
    let _alone = alone();
    let usual = demo("shipping-zones");
    let outcome = std::panic::catch_unwind(|| work(usual.clone()));
    put_shipping_zones(&usual);
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// For whoever is alone and puts them back.
pub fn put_tax_rates(rates: &Value) {
    put_setting("/admin/tax-rates", rates);
}

/// For whoever is alone and puts them back.
pub fn put_shipping_zones(zones: &Value) {
    put_setting("/admin/shipping-zones", zones);
}

fn put_setting(path: &str, value: &Value) {
    let call = put(path).bearer(&admin().access_token).header("X-Correlation-Id", unique());
    call.json(value).send().expect(200);
}

/// What the demo shop was seeded with: `tax-rates`, `shipping-zones`.
#[must_use]
pub fn demo(name: &str) -> Value {
    let path = repository().join(format!("localstack/demo/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
