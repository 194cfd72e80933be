use kernel::{Email, Invalid, Locale, UserId};

use crate::domain::Name;

/// What Cognito knows of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: UserId,
    pub email: Email,
    pub name: Name,
    pub locale: Locale,
}

/// How far an account has come, in Cognito's words made ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// Its address awaits the code.
    Unconfirmed,
    Confirmed,
    /// Disabled, or made at the console and never used: nothing is mailed to it.
    Closed,
}

impl Account {
    /// Reads Cognito's attributes. Accounts made at the console may lack a name or have a language the shop does not speak.
    ///
    /// # Errors
    /// When the id or the address is not one.
    pub fn read(id: &str, email: &str, name: Option<&str>, locale: Option<&str>) -> Result<Self, Invalid> {
        let email = Email::parse(email)?;
        let given = name.and_then(|name| Name::parse(name).ok());
        let name = given.map_or_else(|| mailbox(&email), Ok)?;
        let locale = locale.and_then(|tag| Locale::parse(tag).ok()).unwrap_or_default();
        Ok(Self { id: UserId::parse(id)?, email, name, locale })
    }

    /// The account without the name that came with its registration, where nobody knows whose that was.
    ///
    /// # Errors
    /// Never: a mailbox makes a name.
    pub fn called_as_its_mailbox(self) -> Result<Self, Invalid> {
        Ok(Self { name: mailbox(&self.email)?, ..self })
    }
}

fn mailbox(email: &Email) -> Result<Name, Invalid> {
    Name::parse(email.as_str().split('@').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "b3f0c1de-5a5e-4c7f-9d0e-1f6a2b3c4d5e";

    #[test]
    fn an_account_keeps_its_name_and_language() {
        let account = Account::read(ID, "Ada@Example.com", Some("Ada Lovelace"), Some("de")).unwrap();
        assert_eq!(
            (account.email.as_str(), account.name.as_str(), account.locale),
            ("ada@example.com", "Ada Lovelace", Locale::De)
        );
    }

    #[test]
    fn an_account_without_a_usable_name_is_called_as_its_mailbox() {
        for name in [None, Some(""), Some("a\u{0}b")] {
            assert_eq!(Account::read(ID, "ada@example.com", name, None).unwrap().name.as_str(), "ada");
        }
    }

    #[test]
    fn a_name_that_may_be_a_stranger_s_is_dropped() {
        let account = Account::read(ID, "ada@example.com", Some("Mallory"), Some("de")).unwrap();
        let dropped = account.called_as_its_mailbox().unwrap();
        assert_eq!((dropped.name.as_str(), dropped.locale), ("ada", Locale::De));
    }

    #[test]
    fn a_language_the_shop_does_not_speak_becomes_the_default() {
        assert_eq!(Account::read(ID, "ada@example.com", None, Some("tlh")).unwrap().locale, Locale::En);
    }

    #[test]
    fn what_has_no_id_is_no_account() {
        assert!(Account::read("", "ada@example.com", None, None).is_err());
    }
}
