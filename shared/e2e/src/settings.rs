//! Tests share one shop. Whoever changes its settings is alone for that time.

use std::fs::File;

use serde_json::Value;

use crate::people::admin;
use crate::shop::put;
use crate::{repository, unique};

/// Held while a test relies on the shop's settings staying as they are.
#[derive(Debug)]
pub struct Unchanged(#[expect(dead_code, reason = "dropping it ends the lock")] File);

fn lock_file() -> File {
    let path = repository().join("target/e2e-settings.lock");
    File::options().create(true).truncate(false).write(true).open(path).unwrap()
}

#[must_use]
pub fn unchanged() -> Unchanged {
    let file = lock_file();
    file.lock_shared().unwrap();
    Unchanged(file)
}

/// Changes the tax table for `work` and puts it back, whatever comes of it.
pub fn with_tax_rates(rates: &Value, work: impl FnOnce() + std::panic::UnwindSafe) {
    let file = lock_file();
    file.lock().unwrap();
    let path = repository().join("localstack/demo/tax-rates.json");
    let usual: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    put_tax_rates(rates);
    let outcome = std::panic::catch_unwind(work);
    put_tax_rates(&usual);
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

fn put_tax_rates(rates: &Value) {
    put("/admin/tax-rates")
        .bearer(&admin().access_token)
        .header("X-Correlation-Id", unique())
        .json(rates)
        .send()
        .expect(200);
}
