//! Who is signed in.

use crate::Invalid;
use crate::string_value::{string_value, text_views};

/// A shopper's id: the `sub` of the user pool, a UUID in small letters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(String);

impl UserId {
    /// Reads a UUID as it is written.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let fits = text.len() == 36
            && text.bytes().enumerate().all(|(index, byte)| match index {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            });
        if fits { Ok(Self(text.to_owned())) } else { Err(Invalid::new("invalid_id", "A user id is a UUID.")) }
    }
}

text_views!(UserId);
string_value!(
    UserId,
    schemars::json_schema!({
        "type": "string", "format": "uuid", "examples": ["b3f0c1de-5a5e-4c7f-9d0e-1f6a2b3c4d5e"],
    })
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_is_a_uuid() {
        let uuid = "b3f0c1de-5a5e-4c7f-9d0e-1f6a2b3c4d5e";
        assert_eq!(UserId::parse(uuid).unwrap().as_str(), uuid);
        for refused in ["", &uuid.to_uppercase(), &uuid[1..], &format!("{uuid}0"), &uuid.replace('-', "0")] {
            assert!(UserId::parse(refused).is_err(), "{refused}");
        }
    }
}
