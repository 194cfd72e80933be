//! Tokens that let a guest at one cart or one order.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Makes and checks capability tokens. They are computed from the key, so none is ever stored.
#[derive(Debug, Clone)]
pub struct Capability {
    key: hmac::Key,
}

impl Capability {
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key) }
    }

    /// Made from the setting `CAPABILITY_KEY`.
    ///
    /// # Errors
    /// When the setting is missing.
    pub fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self::new(aws::env::required("CAPABILITY_KEY")?.as_bytes()))
    }

    /// The token for the `kind` of thing (`cart`, `order`) with this id; raising `version` revokes those given before.
    #[must_use]
    pub fn token(&self, kind: &str, id: &str, version: u32) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, &message(kind, id, version)))
    }

    /// Whether `token` is the one for this thing, compared in constant time.
    #[must_use]
    pub fn allows(&self, token: &str, kind: &str, id: &str, version: u32) -> bool {
        URL_SAFE_NO_PAD
            .decode(token)
            .is_ok_and(|tag| hmac::verify(&self.key, &message(kind, id, version), &tag).is_ok())
    }
}

fn message(kind: &str, id: &str, version: u32) -> Vec<u8> {
    format!("{kind}\n{id}\n{version}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_its_own_thing_and_no_other() {
        let capability = Capability::new(b"key");
        let token = capability.token("cart", "cart_1", 1);
        assert!(capability.allows(&token, "cart", "cart_1", 1));
        assert!(!capability.allows(&token, "order", "cart_1", 1));
        assert!(!capability.allows(&token, "cart", "cart_2", 1));
        assert!(!capability.allows(&token, "cart", "cart_1", 2));
        assert!(!Capability::new(b"other").allows(&token, "cart", "cart_1", 1));
    }

    #[test]
    fn what_is_no_token_opens_nothing() {
        let capability = Capability::new(b"key");
        for token in ["", "x", "???", &"A".repeat(10_000)] {
            assert!(!capability.allows(token, "cart", "cart_1", 1));
        }
    }
}
