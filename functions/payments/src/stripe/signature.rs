//! `Stripe-Signature`: that a webhook was sent by Stripe, to us, and just now.

use aws_lc_rs::hmac;
use kernel::Timestamp;

/// An older or newer webhook may be a replay.
const TOLERANCE_SECONDS: u64 = 300;

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("there is no signature with a time")]
    Missing,
    #[error("the signature's time is too far from now")]
    Time,
    #[error("no signature matches the body")]
    Mismatch,
}

/// Checks the header over the body as it was sent. Any of its `v1` signatures may match any of our `secrets`, so that both sides can
/// change theirs without losing a webhook; other schemes are ignored.
///
/// # Errors
/// [`SignatureError`].
pub fn verify(header: Option<&str>, body: &[u8], secrets: &[String], now: Timestamp) -> Result<(), SignatureError> {
    let parts: Vec<(&str, &str)> =
        header.unwrap_or_default().split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let sent = parts.iter().find(|(name, _)| *name == "t").map(|(_, time)| *time).ok_or(SignatureError::Missing)?;
    let seconds: i64 = sent.parse().map_err(|_| SignatureError::Missing)?;
    let signatures: Vec<Vec<u8>> =
        parts.iter().filter(|(name, _)| *name == "v1").filter_map(|(_, hex)| from_hex(hex)).collect();
    if signatures.is_empty() {
        return Err(SignatureError::Missing);
    }
    if now.epoch_seconds().abs_diff(seconds) > TOLERANCE_SECONDS {
        return Err(SignatureError::Time);
    }
    let message = [sent.as_bytes(), b".", body].concat();
    let matches = |secret: &String| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        signatures.iter().any(|signature| hmac::verify(&key, &message, signature).is_ok())
    };
    let known = secrets.iter().filter(|secret| !secret.is_empty()).any(matches);
    if known { Ok(()) } else { Err(SignatureError::Mismatch) }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
pub(crate) mod examples {
    use std::fmt::Write as _;

    use super::*;

    /// The header Stripe would send.
    pub(crate) fn sign(secret: &str, seconds: i64, body: &[u8]) -> String {
        format!("t={seconds},v1={}", hex(secret, seconds, body))
    }

    pub(crate) fn hex(secret: &str, seconds: i64, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let message = [format!("{seconds}.").as_bytes(), body].concat();
        hmac::sign(&key, &message).as_ref().iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string takes all that is written");
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::examples::{hex, sign};
    use super::*;

    const NOW: i64 = 1_800_000_000;
    const BODY: &[u8] = b"{\n  \"id\": \"evt_1\"\n}";

    fn check(header: Option<&str>, body: &[u8], secrets: &[&str]) -> Result<(), SignatureError> {
        let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
        verify(header, body, &secrets, Timestamp::from_epoch_seconds(NOW))
    }

    #[test]
    fn a_fresh_signature_over_these_bytes_is_believed() {
        let good = sign("whsec_a", NOW, BODY);
        let rotated = format!("t={NOW},v1={},v1={},v0=00", hex("whsec_old", NOW, BODY), hex("whsec_a", NOW, BODY));
        let spaced = format!("t={NOW}, v1={}", hex("whsec_a", NOW, BODY));
        for header in [&good, &rotated, &spaced, &sign("whsec_a", NOW - 300, BODY), &sign("whsec_a", NOW + 300, BODY)] {
            assert_eq!(check(Some(header), BODY, &["whsec_b", "whsec_a"]), Ok(()), "{header}");
        }
    }

    #[test]
    fn one_changed_byte_is_a_mismatch() {
        let header = sign("whsec_a", NOW, BODY);
        for at in 0..BODY.len() {
            let mut changed = BODY.to_vec();
            changed[at] ^= 1;
            assert_eq!(check(Some(&header), &changed, &["whsec_a"]), Err(SignatureError::Mismatch), "byte {at}");
        }
        let moved = header.replace(&format!("t={NOW}"), &format!("t={}", NOW + 1));
        assert_eq!(check(Some(&moved), BODY, &["whsec_a"]), Err(SignatureError::Mismatch));
    }

    #[test]
    fn another_secret_is_a_mismatch_and_an_empty_one_opens_nothing() {
        assert_eq!(check(Some(&sign("whsec_b", NOW, BODY)), BODY, &["whsec_a"]), Err(SignatureError::Mismatch));
        assert_eq!(check(Some(&sign("", NOW, BODY)), BODY, &[""]), Err(SignatureError::Mismatch));
        assert_eq!(check(Some(&sign("whsec_a", NOW, BODY)), BODY, &[]), Err(SignatureError::Mismatch));
    }

    #[test]
    fn an_old_or_future_time_is_refused_even_when_signed() {
        for seconds in [NOW - 301, NOW + 301, 0, i64::MIN, i64::MAX] {
            let header = sign("whsec_a", seconds, BODY);
            assert_eq!(check(Some(&header), BODY, &["whsec_a"]), Err(SignatureError::Time), "{seconds}");
        }
    }

    #[test]
    fn what_is_no_signature_is_missing() {
        let other_scheme = format!("t={NOW},v0={}", hex("whsec_a", NOW, BODY));
        let timeless = format!("v1={}", hex("whsec_a", NOW, BODY));
        let headers = [
            None,
            Some(""),
            Some("t"),
            Some("t=,v1=00"),
            Some("t=x,v1=00"),
            Some("t=1800000000,v1=0"),
            Some("t=1800000000,v1=zé"),
        ];
        for header in headers.into_iter().chain([Some(other_scheme.as_str()), Some(timeless.as_str())]) {
            assert_eq!(check(header, BODY, &["whsec_a"]), Err(SignatureError::Missing), "{header:?}");
        }
    }
}
