//! The only place that writes the keys of users.
//!
//! | row | pk | sk |
//! | --- | --- | --- |
//! | profile | `USER#<sub>` | `PROFILE` |
//! | listing by name | `USER#<sub>` | `NAME` |
//! | the admins | `STAFF` | `ADMINS` |
//! | an address of the book | `USER#<sub>` | `ADDRESS#<address id>` |
//! | whose an e-mail address is, or is about to be | `EMAIL#<address>` | `EMAIL` |
//! | the latest copy that was asked for | `USER#<sub>` | `EXPORT` |
//! | tries | `TRIES#<kind>#<SHA-256 of the address or the caller's IP>` | start of the window |
//! | registrations that nobody has confirmed | `REGISTRATIONS#<SHA-256 of the address>` | `REGISTRATIONS` |
//!
//! | in `gsi1` | gsi1pk | gsi1sk |
//! | --- | --- | --- |
//! | profile | `USERS#<first character of the address, or _>` | `<address>#<sub>` |
//! | listing by name | `NAMES#<first character of the name, or _>` | `<name in small letters>#<sub>` |
//! | a claimed address | `PERSON#<sub>` | pk and sk |
//!
//! | access pattern | how |
//! | --- | --- |
//! | somebody's profile | get `USER#<sub>` / `PROFILE`, alone or in a batch |
//! | an address book | query `USER#<sub>` with the prefix `ADDRESS#` |
//! | one address of it | get, in a batch of another service |
//! | an e-mail change | batch get the profile and `EMAIL#<address>` |
//! | somebody whom staff change | batch get the profile and `STAFF` / `ADMINS` |
//! | all accounts | query `gsi1pk = USERS#<0 to 9, _, a to z>`, one after another |
//! | accounts by the beginning of address or name | query the one section of `gsi1` that begins so, by prefix |
//! | everything kept about somebody | query `USER#<sub>`, and `PERSON#<sub>` in the index |
//! | one more try | add to two counters in one transaction, below their limits; one to register adds to the address's registrations, too |
//! | a code that does not fit | get `EMAIL#<address>` |

use dynamo::Key;
use kernel::{AddressId, Email, UserId};

use crate::domain::{Counter, pseudonym};

pub(crate) fn profile(id: &UserId) -> Key {
    Key::new(format!("USER#{id}"), "PROFILE")
}

/// All sort keys of an address book start like this.
pub(crate) const ADDRESSES: &str = "ADDRESS#";

/// An address of a book. Ids sort by the time they were made, and so does the book.
pub(crate) fn address(owner: &UserId, id: AddressId) -> Key {
    Key::new(format!("USER#{owner}"), format!("{ADDRESSES}{id}"))
}

pub(crate) fn export(user: &UserId) -> Key {
    Key::new(format!("USER#{user}"), "EXPORT")
}

/// Whose an address is.
pub(crate) fn email(email: &Email) -> Key {
    Key::new(format!("EMAIL#{email}"), "EMAIL")
}

/// What somebody has tried in one window.
#[must_use]
pub fn tries(counter: &Counter) -> Key {
    Key::new(format!("TRIES#{}#{}", counter.kind.as_str(), counter.subject), counter.window.start.to_string())
}

/// How often an address was registered with.
#[must_use]
pub fn registrations(email: &Email) -> Key {
    Key::new(format!("REGISTRATIONS#{}", pseudonym(email.as_str())), "REGISTRATIONS")
}

/// Where a profile is in the list of all: `gsi1pk` and `gsi1sk`.
pub(crate) fn listed(email: &Email, id: &UserId) -> (String, String) {
    (listed_under(email.as_str()), format!("{email}#{id}"))
}

/// The part of the list of all where an address that begins with `text` is.
pub(crate) fn listed_under(text: &str) -> String {
    format!("USERS#{}", section(text))
}

/// All parts of the list of all, in order.
pub(crate) fn all_listed() -> Vec<String> {
    ('0'..='9').chain(['_']).chain('a'..='z').map(|section| format!("USERS#{section}")).collect()
}

/// What lists somebody by name.
pub(crate) fn name(id: &UserId) -> Key {
    Key::new(format!("USER#{id}"), "NAME")
}

/// Where somebody is among the names: `gsi1pk` and `gsi1sk`.
pub(crate) fn listed_by_name(name: &str, id: &UserId) -> (String, String) {
    let name = name.to_lowercase();
    (named_under(&name), format!("{name}#{id}"))
}

/// The part of the names where one that begins with `text`, in small letters, is.
pub(crate) fn named_under(text: &str) -> String {
    format!("NAMES#{}", section(text))
}

/// Lists are in parts, so that no one of them limits the others.
fn section(text: &str) -> char {
    let first = text.chars().next().filter(|first| first.is_ascii_lowercase() || first.is_ascii_digit());
    first.unwrap_or('_')
}

/// Who is an admin.
pub(crate) fn admins() -> Key {
    Key::new("STAFF", "ADMINS")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::ada;

    #[test]
    fn staff_routes_of_all_services_look_where_the_profile_is() {
        assert_eq!(api::Standing::key(&ada().id), profile(&ada().id));
    }

    #[test]
    fn every_account_is_in_one_part_of_the_list_of_all() {
        let all = all_listed();
        for address in ["ada@example.com", "0@example.com", "_@example.com", "+a@example.com", "zoe@example.com"] {
            assert_eq!(all.iter().filter(|part| **part == listed_under(address)).count(), 1, "{address}");
        }
        assert!(all.is_sorted());
    }

    #[test]
    fn a_name_is_found_by_its_beginning_in_any_letters() {
        for (name, begin) in [("Ada Lovelace", "ada l"), ("\u{c5}sa", "\u{e5}s"), ("9 Lives", "9")] {
            let (part, place) = listed_by_name(name, &ada().id);
            assert!(part == named_under(begin) && place.starts_with(begin), "{name}");
        }
    }
}
