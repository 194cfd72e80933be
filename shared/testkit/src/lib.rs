//! What tests of several services need: requests as the gateway sends them, tokens that verify, and a way to DynamoDB that fails on
//! demand ([`dynamodb_proxy`]). Never part of a function.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a broken test kit may stop the test")]

pub mod auth;
pub mod dynamodb_proxy;
pub mod request;

use kernel::Timestamp;

/// A moment for tests that need one: 2026-11-23T05:00:00Z.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_epoch_seconds(1_795_410_000)
}

/// An answer's body as JSON.
#[must_use]
pub fn json(response: &api::Response) -> serde_json::Value {
    serde_json::from_str(response.body()).unwrap()
}
