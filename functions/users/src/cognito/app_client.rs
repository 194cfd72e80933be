use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The app client of the user pool as which the shop asks, with the secret that keeps everybody else from doing so.
#[derive(Clone)]
pub struct AppClient {
    id: String,
    secret: String,
}

impl AppClient {
    pub(crate) fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { id: id.into(), secret: secret.into() }
    }

    /// The one that `USER_POOL_CLIENT_ID` and `USER_POOL_CLIENT_SECRET` name.
    ///
    /// # Errors
    /// When a setting is missing.
    pub(crate) fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self::new(aws::env::required("USER_POOL_CLIENT_ID")?, aws::env::required("USER_POOL_CLIENT_SECRET")?))
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    /// What Cognito wants to see beside `username` (`SECRET_HASH`).
    pub(crate) fn hash(&self, username: &str) -> String {
        STANDARD.encode(self.sign(&format!("{username}{}", self.id)))
    }

    /// Wraps the session of a challenge for whoever has to bring it back: with it comes the user name, which Cognito asks for, and the
    /// whole is good for `email` only, at which the tries are counted.
    pub(crate) fn seal(&self, email: &str, username: &str, session: &str) -> String {
        let seal = URL_SAFE_NO_PAD.encode(self.sign(&sealed(email, username, session)));
        format!("{seal}:{username}:{session}")
    }

    /// The user name and the session, if they were sealed here for `email`.
    pub(crate) fn open<'a>(&self, email: &str, text: &'a str) -> Option<(&'a str, &'a str)> {
        let (seal, rest) = text.split_once(':')?;
        let (username, session) = rest.split_once(':')?;
        let seal = URL_SAFE_NO_PAD.decode(seal).ok()?;
        hmac::verify(&self.key(), sealed(email, username, session).as_bytes(), &seal).ok()?;
        Some((username, session))
    }

    fn sign(&self, message: &str) -> hmac::Tag {
        hmac::sign(&self.key(), message.as_bytes())
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes())
    }
}

/// Never the message of a [`AppClient::hash`], which ends with the client's id.
fn sealed(email: &str, username: &str, session: &str) -> String {
    format!("{email}\n{username}\n{session}\nchallenge")
}

impl fmt::Debug for AppClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppClient").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> AppClient {
        AppClient::new("client", "secret")
    }

    #[test]
    fn the_hash_is_the_one_that_cognito_computes() {
        assert_eq!(client().hash("ada@example.com"), "pCfmF0r7Gu0NuqTNTEkVYGLmqkeLB+7ZDlvCeFKuOH0=");
    }

    #[test]
    fn a_sealed_session_opens_for_its_own_address_only_and_unchanged_only() {
        let text = client().seal("ada@example.com", "b3f0c1de", "AYABe:Q");
        assert_eq!(client().open("ada@example.com", &text), Some(("b3f0c1de", "AYABe:Q")));
        assert_eq!(client().open("eve@example.com", &text), None);
        assert_eq!(AppClient::new("client", "other").open("ada@example.com", &text), None);
        for changed in [text.replace("b3f0c1de", "b3f0c1df"), text.replace("AYABe", "AYABf"), format!("{text}x")] {
            assert_eq!(client().open("ada@example.com", &changed), None, "{changed}");
        }
        for foreign in ["", "AYABe", ":", "::", "a:b:c"] {
            assert_eq!(client().open("ada@example.com", foreign), None, "{foreign}");
        }
    }

    #[test]
    fn the_secret_does_not_reach_a_log() {
        assert_eq!(format!("{:?}", client()), "AppClient { id: \"client\", .. }");
    }
}
