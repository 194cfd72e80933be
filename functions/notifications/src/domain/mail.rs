use std::iter;

use events::OrderSummary;
use kernel::{Address, Locale, Money};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, UndefinedBehavior};
use serde::Serialize;

use crate::domain::words::Words;
use crate::domain::{About, Notice, OrderNews, amount};

/// The structure of each mail, the same in every language.
const TEMPLATES: [(&str, &str); 4] = [
    ("order.html", include_str!("../../templates/order.html")),
    ("order.txt", include_str!("../../templates/order.txt")),
    ("letter.html", include_str!("../../templates/letter.html")),
    ("letter.txt", include_str!("../../templates/letter.txt")),
];

/// A mail, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Writes the mails. The words are in `words.rs`, `account_words.rs` and `stock_words.rs`.
#[derive(Debug)]
pub struct Templates {
    pub(super) shop: String,
    environment: Environment<'static>,
}

/// What the templates know. Amounts are written out already, so a template cannot get one wrong.
#[derive(Serialize)]
struct Context<'a> {
    lang: &'static str,
    shop: &'a str,
    words: &'static Words,
    subject: &'a str,
    opening: &'a str,
    number: &'a str,
    lines: Vec<Line<'a>>,
    subtotal: String,
    /// Only if something comes off.
    discount: Option<String>,
    shipping: String,
    tax: String,
    prices_include_tax: bool,
    total: String,
    /// Empty where nothing is delivered.
    address: Vec<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    sku: &'a str,
    title: &'a str,
    quantity: u32,
    unit_price: String,
    line_total: String,
}

/// What the sentences know.
#[derive(Serialize)]
struct Names<'a> {
    shop: &'a str,
    number: &'a str,
}

impl Templates {
    /// The templates of the shop with this name.
    ///
    /// # Errors
    /// When a template is not one, which a test rules out.
    pub fn new(shop: impl Into<String>) -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // A line with nothing but a tag leaves no line in the mail.
        environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        for (name, template) in TEMPLATES {
            environment.add_template(name, template)?;
        }
        Ok(Self { shop: shop.into(), environment })
    }

    /// Writes the mail in the language of whoever gets it.
    ///
    /// # Errors
    /// When a template asks for what it is not given, which a test rules out.
    pub fn write(&self, notice: &Notice) -> Result<Mail, Error> {
        match &notice.about {
            About::Order(news, order) => self.about_order(*news, order),
            About::Account { news, name } => self.about_account(*news, name, notice.to.locale),
            About::BackInStock(goods) => self.about_stock(goods, notice.to.locale),
        }
    }

    /// A sentence with the names that it asks for.
    pub(super) fn say(&self, sentence: &str, names: &impl Serialize) -> Result<String, Error> {
        self.environment.render_str(sentence, Serde(names))
    }

    /// A mail of the structure `name`, as HTML and as text.
    pub(super) fn render(&self, name: &str, subject: String, context: impl Serialize) -> Result<Mail, Error> {
        let context = Value::from(Serde(context));
        let render = |form: &str| self.environment.get_template(&format!("{name}.{form}"))?.render(context.clone());
        Ok(Mail { text: render("txt")?, html: render("html")?, subject })
    }

    fn about_order(&self, news: OrderNews, order: &OrderSummary) -> Result<Mail, Error> {
        let words = Words::of(order.locale);
        let names = Names { shop: &self.shop, number: &order.number };
        let sentences = words.sentences(news);
        let subject = self.say(sentences.subject, &names)?;
        let opening = self.say(sentences.opening, &names)?;
        let context = self.context(news, order, words, &subject, &opening);
        self.render("order", subject.clone(), context)
    }

    fn context<'a>(
        &'a self,
        news: OrderNews,
        order: &'a OrderSummary,
        words: &'static Words,
        subject: &'a str,
        opening: &'a str,
    ) -> Context<'a> {
        let locale = order.locale;
        let lines = order.lines.iter().map(|line| Line {
            sku: line.sku.as_str(),
            title: &line.title,
            quantity: line.quantity.get(),
            unit_price: amount(line.unit_price, locale),
            line_total: amount(line.line_total, locale),
        });
        Context {
            lang: locale.as_str(),
            shop: &self.shop,
            words,
            subject,
            opening,
            number: &order.number,
            lines: lines.collect(),
            subtotal: amount(order.subtotal, locale),
            discount: (!order.discount.is_zero()).then(|| taken_off(order.discount, locale)),
            shipping: amount(order.shipping, locale),
            tax: amount(order.tax, locale),
            prices_include_tax: order.prices_include_tax,
            total: amount(order.total, locale),
            address: if news == OrderNews::Confirmed { rows(&order.shipping_address) } else { Vec::new() },
        }
    }
}

fn taken_off(discount: Money, locale: Locale) -> String {
    amount(Money::new(-discount.amount, discount.currency), locale)
}

/// An address as it stands on a parcel: the code goes before the city on the continent and behind it in English-speaking countries.
fn rows(address: &Address) -> Vec<String> {
    let code_last = matches!(address.country.as_str(), "AU" | "CA" | "GB" | "IE" | "NZ" | "US");
    let (city, region, code) = (address.city.as_str(), address.region.as_ref(), address.postal_code.as_str());
    let region = region.map_or("", |region| region.as_str());
    let place = if code_last { [city, region, code] } else { [code, city, region] };
    let place = place.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    iter::once(address.name.as_str())
        .chain([address.line1.as_str()])
        .chain(address.line2.as_ref().map(|line| line.as_str()))
        .chain([place.as_str(), address.country.as_str()])
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use events::CancelReason;
    use kernel::{AddressInput, Currency};

    use super::*;
    use crate::domain::examples::{line, notice, order};

    fn write(news: OrderNews, order: &OrderSummary) -> Mail {
        let about = About::Order(news, Box::new(order.clone()));
        Templates::new("Souk").unwrap().write(&Notice { about, ..notice() }).unwrap()
    }

    fn german() -> OrderSummary {
        OrderSummary { locale: Locale::De, ..order() }
    }

    #[test]
    fn the_text_is_as_agreed_in_each_language() {
        for (order, golden) in [
            (order(), include_str!("../../templates/golden/confirmed.en.txt")),
            (german(), include_str!("../../templates/golden/confirmed.de.txt")),
        ] {
            let mail = write(OrderNews::Confirmed, &order);
            let text = format!("{}\n\n{}\n", mail.subject, mail.text.replace('\u{a0}', " "));
            assert_eq!(text, golden);
        }
    }

    #[test]
    fn html_and_text_say_the_same() {
        let mail = write(OrderNews::Confirmed, &german());
        for said in
            ["S-1042", "Darjeeling First Flush", "617,50\u{a0}€", "1.235,00\u{a0}€", "1.248,40\u{a0}€", "10115 Berlin"]
        {
            assert!(mail.html.contains(said) && mail.text.contains(said), "{said}");
        }
        assert!(mail.html.contains(r#"<html lang="de">"#));
    }

    #[test]
    fn a_title_with_markup_is_shown_and_not_run() {
        let title = "<script>alert('x')</script> & Co";
        let mut order = order();
        order.lines = vec![line("TEA", title, 1, Money::new(5, Currency::EUR))];
        order.shipping_address = with_name("<b>Ada</b>");
        let mail = write(OrderNews::Confirmed, &order);
        assert!(mail.html.contains("&lt;script&gt;alert(&#x27;x&#x27;)&lt;") && mail.html.contains("&amp; Co"));
        assert!(!mail.html.contains("<script>") && !mail.html.contains("<b>"));
        assert!(mail.text.contains(title));
    }

    #[test]
    fn a_template_in_a_title_stays_text() {
        let mut order = order();
        order.lines = vec![line("TEA", "{{ total }}", 1, Money::new(5, Currency::EUR))];
        assert!(write(OrderNews::Confirmed, &order).text.contains("1 x {{ total }} (TEA)"));
    }

    #[test]
    fn totals_are_right_in_currencies_without_cents_and_with_mills() {
        for (currency, unit, total) in [(Currency::JPY, "¥1,850", "¥5,550"), (Currency::KWD, "KWD 1.850", "KWD 5.550")]
        {
            let money = |amount| Money::new(amount, currency);
            let order = OrderSummary {
                lines: vec![line("TEA", "Tea", 3, money(1850))],
                subtotal: money(5550),
                discount: money(0),
                shipping: money(0),
                tax: money(0),
                total: money(5550),
                ..order()
            };
            let text = write(OrderNews::Confirmed, &order).text.replace('\u{a0}', " ");
            assert!(
                text.contains(&format!("{unit} each: {total}")) && text.contains(&format!("Total: {total}\n")),
                "{text}"
            );
            assert!(!text.contains("Discount"));
        }
    }

    #[test]
    fn tax_that_is_added_stands_before_the_total() {
        let order = OrderSummary { prices_include_tax: false, ..order() };
        let text = write(OrderNews::Confirmed, &order).text;
        let at = |part: &str| text.find(part).unwrap();
        assert!(at("Tax: €85.67") < at("Total: "));
        assert!(!text.contains("Tax included"));
    }

    #[test]
    fn a_cancellation_says_why_and_shows_no_delivery() {
        let shopper = write(OrderNews::Cancelled(CancelReason::Shopper), &order());
        assert_eq!(shopper.subject, "Your Souk order S-1042 is cancelled");
        assert!(shopper.text.starts_with("As you asked") && !shopper.text.contains("Delivered to"));
        let expired = write(OrderNews::Cancelled(CancelReason::Expired), &german());
        assert!(expired.text.contains("nicht rechtzeitig bezahlt") && !expired.html.contains("Lieferanschrift"));
    }

    #[test]
    fn an_address_is_written_as_its_country_does() {
        let mut order = order();
        order.shipping_address = AddressInput {
            name: "Ada".into(),
            line1: "1 Market St".into(),
            line2: Some("Floor 2".into()),
            city: "San Francisco".into(),
            region: Some("CA".into()),
            postal_code: "94103".into(),
            country: "US".into(),
            ..AddressInput::default()
        }
        .check()
        .unwrap();
        let text = write(OrderNews::Confirmed, &order).text;
        assert!(text.contains("Ada\n1 Market St\nFloor 2\nSan Francisco CA 94103\nUS\n"), "{text}");
    }

    fn with_name(name: &str) -> Address {
        AddressInput {
            name: name.into(),
            line1: "Chausseestraße 1".into(),
            city: "Berlin".into(),
            postal_code: "10115".into(),
            country: "DE".into(),
            ..AddressInput::default()
        }
        .check()
        .unwrap()
    }
}
