//! A function's settings. Each function asks only for what it uses, once, at cold start.

use std::str::FromStr;

/// A setting that the template should have given.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    #[error("the environment variable {0} is not valid: {1}")]
    Invalid(&'static str, String),
}

/// The value of `name`; an empty one counts as missing.
///
/// # Errors
/// [`SettingError::Missing`] names the variable.
#[expect(clippy::disallowed_methods, reason = "the one place that reads settings")]
pub fn required(name: &'static str) -> Result<String, SettingError> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or(SettingError::Missing(name))
}

/// The value of `name`, or `default` when it is not set.
#[must_use]
pub fn or(name: &'static str, default: &str) -> String {
    required(name).unwrap_or_else(|_| default.to_owned())
}

/// The value of `name` as a number, currency, …
///
/// # Errors
/// [`SettingError`] names the variable and what is wrong with it.
pub fn parsed<T: FromStr<Err: std::fmt::Display>>(name: &'static str) -> Result<T, SettingError> {
    required(name)?.parse().map_err(|error: T::Err| SettingError::Invalid(name, error.to_string()))
}
