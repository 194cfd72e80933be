//! Several faults of one request, collected so that the caller learns all of them at once.

use std::borrow::Cow;

use crate::Invalid;

/// One fault, at one place of a JSON document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer (RFC 6901) to the value at fault; empty for the document itself.
    pub pointer: String,
    /// Stable code, such as `invalid_email`.
    pub code: &'static str,
    /// Sentence for people.
    pub detail: Cow<'static, str>,
}

/// A list of faults under construction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// No faults yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fault.
    pub fn push(&mut self, pointer: impl Into<String>, code: &'static str, detail: impl Into<Cow<'static, str>>) {
        self.0.push(Fault { pointer: pointer.into(), code, detail: detail.into() });
    }

    /// Keeps the parsed value, or notes why there is none.
    pub fn check<T>(&mut self, pointer: impl Into<String>, parsed: Result<T, Invalid>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(invalid) => {
                self.push(pointer, invalid.code(), invalid.detail().to_owned());
                None
            }
        }
    }

    /// Keeps the value of a part, or takes over its faults with `prefix` before their pointers.
    pub fn nest<T>(&mut self, prefix: &str, part: Result<T, Vec<Fault>>) -> Option<T> {
        match part {
            Ok(value) => Some(value),
            Err(faults) => {
                self.0.extend(
                    faults.into_iter().map(|fault| Fault { pointer: format!("{prefix}{}", fault.pointer), ..fault }),
                );
                None
            }
        }
    }

    /// True while nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` if nothing is wrong, else all faults.
    pub fn into_result(self) -> Result<(), Vec<Fault>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }

    /// All faults.
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Email, Sku};

    #[test]
    fn all_faults_are_told_with_their_place() {
        let mut line = Faults::new();
        assert!(line.is_empty());
        line.check("/sku", Sku::parse("no spaces please"));
        assert!(!line.is_empty());
        let mut faults = Faults::new();
        faults.check("/email", Email::parse("nobody"));
        faults.nest("/lines/0", line.into_result());
        let told: Vec<_> = faults.into_vec().into_iter().map(|fault| (fault.pointer, fault.code)).collect();
        assert_eq!(told, [("/email".to_owned(), "invalid_email"), ("/lines/0/sku".to_owned(), "invalid_sku")]);
    }
}
