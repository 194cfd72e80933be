use kernel::{Locale, Money};

/// Keeps an amount and its currency on one line.
const NO_BREAK: char = '\u{a0}';

/// Money as people of `locale` write it: `€1,234.50`, `1.234,50 €`. Digits only ever move; nothing is calculated.
#[must_use]
pub fn amount(money: Money, locale: Locale) -> String {
    let (thousands, point) = match locale {
        Locale::En => (',', '.'),
        Locale::De => ('.', ','),
    };
    let decimal = money.decimal();
    let (sign, digits) = decimal.strip_prefix('-').map_or(("", decimal.as_str()), |digits| ("-", digits));
    let (major, minor) = digits.split_once('.').unwrap_or((digits, ""));
    let mut number = String::new();
    for (index, digit) in major.chars().enumerate() {
        if index > 0 && (major.len() - index).is_multiple_of(3) {
            number.push(thousands);
        }
        number.push(digit);
    }
    if !minor.is_empty() {
        number.push(point);
        number.push_str(minor);
    }
    let code = money.currency.code();
    match (locale, symbol(code)) {
        (Locale::En, Some(symbol)) => format!("{sign}{symbol}{number}"),
        (Locale::En, None) => format!("{sign}{code}{NO_BREAK}{number}"),
        (Locale::De, symbol) => format!("{sign}{number}{NO_BREAK}{}", symbol.unwrap_or(code)),
    }
}

/// The sign that everybody takes for this currency and no other.
fn symbol(code: &str) -> Option<&'static str> {
    match code {
        "EUR" => Some("€"),
        "GBP" => Some("£"),
        "JPY" => Some("¥"),
        "USD" => Some("$"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use kernel::Currency;

    use super::*;

    fn both(minor: i64, currency: Currency) -> [String; 2] {
        Locale::ALL.map(|locale| amount(Money::new(minor, currency), locale).replace(NO_BREAK, " "))
    }

    #[test]
    fn money_is_written_as_the_language_writes_it() {
        assert_eq!(both(123_450, Currency::EUR), ["€1,234.50", "1.234,50 €"]);
        assert_eq!(both(5, Currency::USD), ["$0.05", "0,05 $"]);
        assert_eq!(both(-1999, Currency::GBP), ["-£19.99", "-19,99 £"]);
    }

    #[test]
    fn each_currency_has_its_own_decimals() {
        assert_eq!(both(1_234_567, Currency::JPY), ["¥1,234,567", "1.234.567 ¥"]);
        assert_eq!(both(1_234_567, Currency::KWD), ["KWD 1,234.567", "1.234,567 KWD"]);
    }

    #[test]
    fn thousands_are_parted_from_the_right() {
        let yen = |minor| both(minor, Currency::JPY)[0].clone();
        assert_eq!([0, 999, 1000, 99_999, 100_000].map(yen), ["¥0", "¥999", "¥1,000", "¥99,999", "¥100,000"]);
        assert_eq!(both(i64::MIN, Currency::EUR)[0], "-€92,233,720,368,547,758.08");
    }
}
