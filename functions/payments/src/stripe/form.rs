//! `application/x-www-form-urlencoded`, the only body Stripe takes.

use std::fmt::Write as _;

/// A form under construction.
#[derive(Debug, Default)]
pub(super) struct Form(String);

impl Form {
    /// Adds a field: `metadata[order_id]`.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        encode(name, &mut self.0);
        self.0.push('=');
        encode(value, &mut self.0);
        self
    }

    pub(super) fn into_body(self) -> String {
        self.0
    }
}

fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a string takes all that is written");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_has_a_meaning_in_a_form_is_encoded() {
        let body = Form::default().with("metadata[a b]", "1&2=3+ü").with("amount", "4599").into_body();
        assert_eq!(body, "metadata%5Ba%20b%5D=1%262%3D3%2B%C3%BC&amount=4599");
    }
}
