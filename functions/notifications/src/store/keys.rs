//! The only place that writes the notifications' keys.
//!
//! | row | pk | sk |
//! | --- | --- | --- |
//! | delivery of a mail | `MAIL#<event id>#email#<hash of the recipient>` | `MAIL` |
//!
//! | access pattern | how |
//! | --- | --- |
//! | claim a delivery | put, if absent |
//! | a delivery that was claimed before | get |
//! | take it over, write down its outcome | update at the version read |

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use dynamo::Key;
use kernel::{Email, EventId};

/// The address itself is no part of the key: keys reach logs and errors.
pub(crate) fn mail(event: EventId, recipient: &Email) -> Key {
    let mut hash = String::new();
    for byte in digest(&SHA256, recipient.as_str().as_bytes()).as_ref() {
        write!(hash, "{byte:02x}").expect("a string takes all that is written to it");
    }
    Key::new(format!("MAIL#{event}#email#{hash}"), "MAIL")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::examples::event_id;

    #[test]
    fn a_key_names_event_channel_and_recipient_without_the_address() {
        let key = mail(event_id(), &Email::parse("Ada@example.com").unwrap());
        let expected = "MAIL#01JH8Z6V0W4T3N9Q2RSKX7M5CD#email#";
        assert!(key.pk.starts_with(expected) && key.pk.len() == expected.len() + 64, "{}", key.pk);
        assert_eq!(key, mail(event_id(), &Email::parse("ada@example.com").unwrap()));
        assert_ne!(key, mail(event_id(), &Email::parse("bob@example.com").unwrap()));
    }
}
