use std::fmt;

/// The token of somebody who is signed in, for asking Cognito in their name: never stored, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(String);

impl AccessToken {
    /// The token of an `Authorization` header. The gateway takes it with and without its scheme.
    #[must_use]
    pub fn of_header(header: &str) -> Self {
        let token = match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token,
            _ => header,
        };
        Self(token.trim().to_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_with_and_without_its_scheme() {
        for header in ["Bearer a.b.c", "bearer  a.b.c ", "a.b.c"] {
            assert_eq!(AccessToken::of_header(header).as_str(), "a.b.c", "{header}");
        }
    }

    #[test]
    fn a_token_does_not_reach_a_log() {
        assert_eq!(format!("{:?}", AccessToken::of_header("a.b.c")), "AccessToken(…)");
    }
}
