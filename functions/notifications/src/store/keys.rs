//! The only place that writes the notifications' keys.
//!
//! | row | pk | sk |
//! | --- | --- | --- |
//! | delivery of a mail | `MAIL#<event id>#email#<hash of the recipient>` | `MAIL` |
//! | delivery of a farewell | `MAIL#<event id>#email#farewell` | `MAIL` |
//! | tombstone | `TOMBSTONE#<user id>` | `TOMBSTONE` |
//!
//! | in `gsi1` | gsi1pk | gsi1sk |
//! | --- | --- | --- |
//! | delivery about an account or a shopper's order | `PERSON#<user id>` | pk and sk |
//! | delivery to a guest | `RECIPIENT#<hash of the recipient>` | event id |
//! | delivery of a farewell | none | |
//!
//! | access pattern | how |
//! | --- | --- |
//! | claim a delivery | put, if absent |
//! | a delivery that was claimed before | get |
//! | take it over, write down its outcome | update at the version read |
//! | what was sent to somebody | query `PERSON#<user id>`, and `RECIPIENT#<hash>` for what came before the account |

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use dynamo::Key;
use kernel::{Email, EventId};

/// The address itself is no part of the key: keys reach logs and errors.
pub(crate) fn mail(event: EventId, recipient: &Email) -> Key {
    Key::new(format!("MAIL#{event}#email#{}", hash(recipient)), "MAIL")
}

/// A mail of which nothing is kept that leads to whoever got it: the event has one recipient.
pub(crate) fn farewell(event: EventId) -> Key {
    Key::new(format!("MAIL#{event}#email#farewell"), "MAIL")
}

/// Lists what was sent to somebody without an account.
pub(crate) fn recipient_index(recipient: &Email) -> String {
    format!("RECIPIENT#{}", hash(recipient))
}

/// Lists what was sent to the recipient of a mail before they had an account.
pub(crate) fn recipient_index_of(mail: &Key) -> Option<String> {
    let (_, hash) = mail.pk.strip_prefix("MAIL#")?.rsplit_once('#')?;
    Some(format!("RECIPIENT#{hash}"))
}

fn hash(recipient: &Email) -> String {
    let mut hash = String::new();
    for byte in digest(&SHA256, recipient.as_str().as_bytes()).as_ref() {
        write!(hash, "{byte:02x}").expect("a string takes all that is written to it");
    }
    hash
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

    #[test]
    fn a_mail_to_an_account_leads_to_what_its_address_got_before() {
        let ada = Email::parse("ada@example.com").unwrap();
        assert_eq!(recipient_index_of(&mail(event_id(), &ada)), Some(recipient_index(&ada)));
        assert_eq!(recipient_index_of(&Key::new("IDEM#x", "IDEM")), None);
    }
}
