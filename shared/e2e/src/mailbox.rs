//! The emulator's mailbox: every mail that the shop sent.

use serde_json::Value;

use crate::shop::{agent, eventually, read, setting};

/// A mail as it arrived.
#[derive(Debug, Clone)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Mail {
    /// The code that it brings: the first run of six digits.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        let runs = |text| str::split(text, |character: char| !character.is_ascii_digit());
        runs(&self.text).chain(runs(&self.html)).find(|digits| digits.len() == 6)
    }
}

/// All mails to `address`, oldest first.
#[must_use]
pub fn mails_to(address: &str) -> Vec<Mail> {
    all_mails().into_iter().filter(|mail| mail.to == address).collect()
}

/// All mails to anybody, once for each recipient.
#[must_use]
pub fn all_mails() -> Vec<Mail> {
    let url = format!("{}/_ministack/ses/messages", setting("SOUK_EMULATOR_URL"));
    let messages = read(agent().get(url).call().unwrap()).json();
    let accounts = messages["messages"].as_object().cloned().unwrap_or_default();
    let text = |message: &Value, name: &str| message[name].as_str().unwrap_or_default().to_owned();
    accounts
        .values()
        .flat_map(|messages| messages.as_array().cloned().unwrap_or_default())
        .flat_map(|message| {
            let recipients = message["To"].as_array().cloned().unwrap_or_default();
            recipients.into_iter().filter_map(|to| to.as_str().map(str::to_owned)).map(move |to| Mail {
                to,
                subject: text(&message, "Subject"),
                text: text(&message, "BodyText"),
                html: text(&message, "BodyHtml"),
            })
        })
        .collect()
}

/// Waits for a mail to `address` whose subject or text has `words`.
#[track_caller]
pub fn await_mail(address: &str, words: &str) -> Mail {
    eventually(&format!("a mail to {address} with '{words}'"), || {
        mails_to(address).into_iter().find(|mail| mail.subject.contains(words) || mail.text.contains(words))
    })
}

/// Waits for the mail to `address` that brings a code after the first `known` ones which did.
#[must_use]
#[track_caller]
pub fn await_code(address: &str, known: usize) -> String {
    eventually(&format!("a mail to {address} with a code"), || {
        let mails = mails_to(address).into_iter().filter(|mail| mail.subject.contains("code"));
        mails.filter_map(|mail| mail.code().map(str::to_owned)).nth(known)
    })
}
