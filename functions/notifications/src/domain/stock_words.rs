//! All words of the mails about goods that can be bought again. A language that lacks one does not compile.

use kernel::Locale;

use crate::domain::account_words::Letter;

/// One language's words: templates that know `shop`, `title`, `sku`, and `variant` where a product has several.
#[derive(Debug)]
pub(crate) struct StockWords {
    pub(crate) greeting: &'static str,
    pub(crate) closing: &'static str,
    pub(crate) back: Letter,
}

impl StockWords {
    pub(crate) const fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::En => &ENGLISH,
            Locale::De => &GERMAN,
        }
    }
}

const ENGLISH: StockWords = StockWords {
    greeting: "Hello,",
    closing: "Your {{ shop }} team",
    back: Letter {
        subject: "{{ title }} is back at {{ shop }}",
        paragraphs: &[
            "You asked us to tell you when {{ title }}{% if variant %} ({{ variant }}){% endif %} can be bought again. It is back \
             in stock now, item number {{ sku }}.",
            "We cannot put it aside for you, so it may sell out again. This is the only mail that we send about it, and with it we \
             have deleted your request.",
        ],
    },
};

const GERMAN: StockWords = StockWords {
    greeting: "Guten Tag,",
    closing: "Ihr Team von {{ shop }}",
    back: Letter {
        subject: "{{ title }} ist bei {{ shop }} wieder da",
        paragraphs: &[
            "Sie wollten erfahren, wenn es {{ title }}{% if variant %} ({{ variant }}){% endif %} wieder gibt. Der Artikel mit der \
             Nummer {{ sku }} ist jetzt wieder vorrätig.",
            "Zurücklegen können wir ihn nicht, er kann also wieder ausverkauft sein. Dies ist die einzige Mail dazu, und damit \
             haben wir Ihren Wunsch gelöscht.",
        ],
    },
};
