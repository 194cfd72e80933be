use std::fmt;

use kernel::Email;

/// What an authenticator app makes its codes from. Shown once, never stored here.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(String);

impl TotpSecret {
    /// The secret as Cognito gives it: Base32.
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self(secret)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The link that authenticator apps read from a QR code; `shop` and `email` are what they show beside the codes.
    #[must_use]
    pub fn link(&self, shop: &str, email: &Email) -> String {
        let shop = escaped(shop);
        format!("otpauth://totp/{shop}:{}?secret={}&issuer={shop}", escaped(email.as_str()), self.0)
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// Percent-encoded but for what RFC 3986 reserves for nothing. Authenticator apps take no `+` for a space.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authenticator_app_reads_whose_codes_it_makes() {
        let link =
            TotpSecret::new("JBSWY3DPEHPK3PXP".into()).link("Söuk & Co", &"ada+shop@example.com".parse().unwrap());
        assert_eq!(
            link,
            "otpauth://totp/S%C3%B6uk%20%26%20Co:ada%2Bshop%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=S%C3%B6uk%20%26%20Co"
        );
    }

    #[test]
    fn a_secret_does_not_reach_a_log() {
        assert_eq!(format!("{:?}", TotpSecret::new("JBSWY3DPEHPK3PXP".into())), "TotpSecret(…)");
    }
}
