//! Mails of a few sentences: about accounts, and about what is back in stock.

use kernel::{ExportId, Locale};
use minijinja::Error;
use serde::Serialize;

use crate::domain::account_words::{Letter, Letters};
use crate::domain::mail::{Mail, Templates};
use crate::domain::stock_words::StockWords;
use crate::domain::{AccountNews, Goods, date};

/// What the sentences about an account know.
#[derive(Serialize)]
struct Names<'a> {
    shop: &'a str,
    name: &'a str,
    export: Option<ExportId>,
    until: Option<String>,
}

/// What the sentences about goods know.
#[derive(Serialize)]
struct GoodsNames<'a> {
    shop: &'a str,
    title: &'a str,
    variant: Option<&'a str>,
    sku: &'a str,
}

/// What the templates know.
#[derive(Serialize)]
struct Context<'a> {
    lang: &'static str,
    shop: &'a str,
    subject: &'a str,
    greeting: String,
    paragraphs: Vec<String>,
    closing: String,
}

impl Templates {
    pub(super) fn about_account(&self, news: AccountNews, name: &str, locale: Locale) -> Result<Mail, Error> {
        let letters = Letters::of(locale);
        let letter = letters.letter(news);
        let (export, until) = match news {
            AccountNews::ExportReady { export_id, until } => (Some(export_id), Some(date(until, locale))),
            _ => (None, None),
        };
        let names = Names { shop: &self.shop, name, export, until };
        self.letter(locale, letters.greeting, letter, letters.closing, &names)
    }

    pub(super) fn about_stock(&self, goods: &Goods, locale: Locale) -> Result<Mail, Error> {
        let words = StockWords::of(locale);
        let Goods { title, variant_title, sku } = goods;
        let variant = (variant_title != title && !variant_title.is_empty()).then_some(variant_title.as_str());
        let names = GoodsNames { shop: &self.shop, title, variant, sku: sku.as_str() };
        self.letter(locale, words.greeting, words.back, words.closing, &names)
    }

    /// A mail of the structure that all letters have, in sentences that know `names`.
    fn letter(
        &self,
        locale: Locale,
        greeting: &str,
        letter: Letter,
        closing: &str,
        names: &impl Serialize,
    ) -> Result<Mail, Error> {
        let say = |sentence: &str| self.say(sentence, names);
        let subject = say(letter.subject)?;
        let context = Context {
            lang: locale.as_str(),
            shop: &self.shop,
            subject: &subject,
            greeting: say(greeting)?,
            paragraphs: letter.paragraphs.iter().map(|paragraph| say(paragraph)).collect::<Result<_, _>>()?,
            closing: say(closing)?,
        };
        self.render("letter", subject.clone(), context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::examples::{NOW, notice};
    use crate::domain::{About, Notice, Recipient};

    fn write(news: AccountNews, name: &str, locale: Locale) -> Mail {
        let to = Recipient { locale, ..notice().to };
        let about = About::Account { news, name: name.to_owned() };
        Templates::new("Souk").unwrap().write(&Notice { to, about, ..notice() }).unwrap()
    }

    fn all() -> [AccountNews; 5] {
        let export_id = "exp_01JH8Z6V0W4T3N9Q2RSKX7M5CD".parse().unwrap();
        [
            AccountNews::AlreadyRegistered,
            AccountNews::PasswordChanged,
            AccountNews::EmailChanged,
            AccountNews::Deleted,
            AccountNews::ExportReady { export_id, until: NOW },
        ]
    }

    #[test]
    fn the_text_is_as_agreed_in_each_language() {
        for (locale, golden) in [
            (Locale::En, include_str!("../../templates/golden/account.en.txt")),
            (Locale::De, include_str!("../../templates/golden/account.de.txt")),
        ] {
            let mails = all().map(|news| write(news, "Ada Lovelace", locale));
            let text = mails.map(|mail| format!("{}\n\n{}\n", mail.subject, mail.text)).join("\n----\n\n");
            assert_eq!(text, golden);
        }
    }

    #[test]
    fn html_and_text_say_the_same() {
        for news in all() {
            for locale in Locale::ALL {
                let mail = write(news, "Ada", locale);
                for line in mail.text.lines().filter(|line| !line.is_empty()) {
                    assert!(mail.html.contains(line), "{line}");
                }
                assert!(mail.html.contains(&format!("<title>{}</title>", mail.subject)));
            }
        }
    }

    fn back(title: &str, variant_title: &str, locale: Locale) -> Mail {
        let goods = Goods { title: title.into(), variant_title: variant_title.into(), sku: "LAMP-S".parse().unwrap() };
        let to = Recipient { locale, ..notice().to };
        Templates::new("Souk").unwrap().write(&Notice { to, about: About::BackInStock(goods), ..notice() }).unwrap()
    }

    #[test]
    fn what_is_back_is_told_in_each_language_as_agreed() {
        for (locale, golden) in [
            (Locale::En, include_str!("../../templates/golden/stock.en.txt")),
            (Locale::De, include_str!("../../templates/golden/stock.de.txt")),
        ] {
            let mails = [back("Brass lamp", "Small", locale), back("Brass lamp", "Brass lamp", locale)];
            let text = mails.map(|mail| format!("{}\n\n{}\n", mail.subject, mail.text)).join("\n----\n\n");
            assert_eq!(text, golden);
        }
    }

    #[test]
    fn a_title_with_markup_or_a_template_is_shown_and_not_run() {
        let mail = back("<i>{{ shop }}</i>", "{{ sku }}", Locale::En);
        assert!(mail.subject.contains("<i>{{ shop }}</i>") && mail.text.contains("({{ sku }})"), "{}", mail.text);
        assert!(mail.html.contains("&lt;i&gt;{{ shop }}&lt;") && !mail.html.contains("<i>"));
    }

    #[test]
    fn a_name_with_markup_or_a_template_is_shown_and_not_run() {
        let mail = write(AccountNews::PasswordChanged, "<b>{{ shop }}</b>", Locale::En);
        assert!(mail.text.starts_with("Hello <b>{{ shop }}</b>,"));
        assert!(mail.html.contains("&lt;b&gt;{{ shop }}&lt;") && !mail.html.contains("<b>"));
    }
}
