//! All words of the mails about accounts. A language that lacks one does not compile.

use kernel::Locale;

use crate::domain::AccountNews;

/// What one kind of mail says, as templates that know `shop`, `name`, and for an export `export` and `until`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Letter {
    pub(crate) subject: &'static str,
    pub(crate) paragraphs: &'static [&'static str],
}

/// One language's letters.
#[derive(Debug)]
pub(crate) struct Letters {
    pub(crate) greeting: &'static str,
    pub(crate) closing: &'static str,
    already_registered: Letter,
    password_changed: Letter,
    email_changed: Letter,
    deleted: Letter,
    export_ready: Letter,
}

impl Letters {
    pub(crate) const fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::En => &ENGLISH,
            Locale::De => &GERMAN,
        }
    }

    pub(crate) const fn letter(&self, news: AccountNews) -> Letter {
        match news {
            AccountNews::AlreadyRegistered => self.already_registered,
            AccountNews::PasswordChanged => self.password_changed,
            AccountNews::EmailChanged => self.email_changed,
            AccountNews::Deleted => self.deleted,
            AccountNews::ExportReady { .. } => self.export_ready,
        }
    }
}

const ENGLISH: Letters = Letters {
    greeting: "Hello {{ name }},",
    closing: "Your {{ shop }} team",
    already_registered: Letter {
        subject: "You already have a {{ shop }} account",
        paragraphs: &[
            "Somebody has just tried to open an account at {{ shop }} with this e-mail address. There is one already, and it is \
             yours.",
            "If that was you, sign in with your password, or ask for a new one if you have forgotten it. If it was not you, \
             you need not do anything: your account has not changed.",
        ],
    },
    password_changed: Letter {
        subject: "Your {{ shop }} password was changed",
        paragraphs: &[
            "The password of your {{ shop }} account was changed just now.",
            "If that was you, all is well. If it was not you, ask for a new password right away and answer this mail, so that \
             we can help.",
        ],
    },
    email_changed: Letter {
        subject: "Your {{ shop }} account has another e-mail address",
        paragraphs: &[
            "The e-mail address of your {{ shop }} account was changed just now. From now on you sign in with the new address, \
             and our mails go there. This is the last one to the old address.",
            "If that was not you, answer this mail right away, so that we can help.",
        ],
    },
    deleted: Letter {
        subject: "Your {{ shop }} account is deleted",
        paragraphs: &[
            "As you asked, we have deleted your {{ shop }} account with your addresses and carts. Orders that you had not paid are \
             cancelled. What you have paid for still comes to you: until it is there we keep where to send it, and the address of \
             this mailbox. After that we keep of your orders what the law asks for, amounts and numbers, without your name or address.",
            "We are sorry to see you go. Unless an order is still on its way, this is our last mail to you.",
        ],
    },
    export_ready: Letter {
        subject: "Your {{ shop }} data is ready",
        paragraphs: &[
            "The copy of your data that you asked for is ready. Sign in to {{ shop }} to fetch it until {{ until }}; after that \
             we delete the file.",
            "Its number is {{ export }}. If you did not ask for it, change your password and answer this mail.",
        ],
    },
};

const GERMAN: Letters = Letters {
    greeting: "Guten Tag {{ name }},",
    closing: "Ihr Team von {{ shop }}",
    already_registered: Letter {
        subject: "Sie haben schon ein Konto bei {{ shop }}",
        paragraphs: &[
            "gerade wollte jemand mit dieser E-Mail-Adresse ein Konto bei {{ shop }} anlegen. Es gibt schon eines, und es ist \
             Ihres.",
            "Waren Sie das, dann melden Sie sich mit Ihrem Passwort an, oder fordern Sie ein neues an, wenn Sie es vergessen \
             haben. Waren Sie es nicht, dann brauchen Sie nichts zu tun: An Ihrem Konto hat sich nichts geändert.",
        ],
    },
    password_changed: Letter {
        subject: "Ihr Passwort bei {{ shop }} wurde geändert",
        paragraphs: &[
            "das Passwort Ihres Kontos bei {{ shop }} wurde soeben geändert.",
            "Waren Sie das, dann ist alles in Ordnung. Waren Sie es nicht, dann fordern Sie bitte sofort ein neues Passwort an \
             und antworten Sie auf diese Mail, damit wir helfen können.",
        ],
    },
    email_changed: Letter {
        subject: "Ihr Konto bei {{ shop }} hat eine andere E-Mail-Adresse",
        paragraphs: &[
            "die E-Mail-Adresse Ihres Kontos bei {{ shop }} wurde soeben geändert. Von nun an melden Sie sich mit der neuen \
             Adresse an, und unsere Mails gehen dorthin. Diese ist die letzte an die alte Adresse.",
            "Waren Sie das nicht, dann antworten Sie bitte sofort auf diese Mail, damit wir helfen können.",
        ],
    },
    deleted: Letter {
        subject: "Ihr Konto bei {{ shop }} ist gelöscht",
        paragraphs: &[
            "wie gewünscht haben wir Ihr Konto bei {{ shop }} mit Ihren Adressen und Warenkörben gelöscht. Bestellungen, die noch \
             nicht bezahlt waren, sind storniert. Was Sie bezahlt haben, bekommen Sie noch: Bis es da ist, behalten wir, wohin es \
             geht, und die Adresse dieses Postfachs. Danach behalten wir von Ihren Bestellungen, was das Gesetz verlangt, Beträge und \
             Nummern, ohne Ihren Namen und Ihre Adresse.",
            "Schade, dass Sie gehen. Wenn keine Bestellung mehr unterwegs ist, ist dies unsere letzte Mail an Sie.",
        ],
    },
    export_ready: Letter {
        subject: "Ihre Daten bei {{ shop }} liegen bereit",
        paragraphs: &[
            "die Kopie Ihrer Daten, um die Sie gebeten haben, liegt bereit. Melden Sie sich bei {{ shop }} an, um sie bis zum \
             {{ until }} abzuholen; danach löschen wir die Datei.",
            "Ihre Nummer ist {{ export }}. Haben Sie nicht darum gebeten, dann ändern Sie Ihr Passwort und antworten Sie auf \
             diese Mail.",
        ],
    },
};
