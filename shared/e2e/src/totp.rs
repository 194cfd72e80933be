//! An authenticator app.

use aws_lc_rs::hmac;

/// Seconds that a code is shown for.
const STEP_SECONDS: i64 = 30;
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What an app with `secret` shows now (RFC 6238, as the apps of today do it: SHA-1, six digits).
#[must_use]
pub fn code(secret: &str) -> String {
    code_at(secret, kernel::fresh::now().epoch_seconds())
}

/// Six digits that the app does not show, and has not just shown.
#[must_use]
pub fn wrong_code(secret: &str) -> String {
    let now = kernel::fresh::now().epoch_seconds();
    let shown: Vec<String> = (-2..=2).map(|step| code_at(secret, now + step * STEP_SECONDS)).collect();
    let digits = (0..10).map(|digit| digit.to_string().repeat(6));
    digits.into_iter().find(|code| !shown.contains(code)).expect("five codes are not ten")
}

fn code_at(secret: &str, epoch_seconds: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(secret));
    let hash = hmac::sign(&key, &(epoch_seconds / STEP_SECONDS).to_be_bytes());
    let offset = usize::from(hash.as_ref().last().expect("a hash has bytes") & 0xf);
    let bytes = hash.as_ref()[offset..offset + 4].try_into().expect("four bytes");
    format!("{:06}", (u32::from_be_bytes(bytes) & 0x7fff_ffff) % 1_000_000)
}

fn base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = ALPHABET.iter().position(|known| *known == letter.to_ascii_uppercase());
        let value = u32::try_from(value.unwrap_or_else(|| panic!("{text} is not Base32"))).expect("below 32");
        (bits, count) = ((bits << 5 | value) & 0xfff, count + 5);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).expect("a byte"));
        }
    }
    bytes
}
