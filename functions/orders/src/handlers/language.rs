//! Which of the shop's languages a shopper reads.

use kernel::Locale;

/// The language of `Accept-Language` that the shopper likes best of those the shop has (RFC 9110, 12.5.4). None without a match.
#[must_use]
pub fn preferred(accept_language: Option<&str>) -> Option<Locale> {
    let mut best = None;
    for range in accept_language?.split(',') {
        let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
        let Some(weight) = weight(parameters) else { continue };
        let Some(locale) = locale(tag.trim()) else { continue };
        if weight > 0 && best.is_none_or(|(_, most)| weight > most) {
            best = Some((locale, weight));
        }
    }
    best.map(|(locale, _)| locale)
}

/// `de`, `de-AT` and `DE` are all German.
fn locale(tag: &str) -> Option<Locale> {
    let language = tag.split('-').next()?.to_ascii_lowercase();
    Locale::parse(&language).ok()
}

/// Thousandths: 1000 without a `q`, none for one that is no weight.
fn weight(parameters: &str) -> Option<u32> {
    let Some(q) = parameters.trim().strip_prefix("q=") else { return Some(1000) };
    let (whole, part) = q.trim().split_once('.').unwrap_or((q.trim(), ""));
    let is_number = part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    match (whole, is_number) {
        ("1", true) => Some(1000),
        ("0", true) => format!("{part:0<3}").parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_language_of_the_shop_is_chosen() {
        for (header, expected) in [
            ("de", Some(Locale::De)),
            ("de-AT,de;q=0.9,en;q=0.8", Some(Locale::De)),
            ("fr, en;q=0.5, de;q=0.7", Some(Locale::De)),
            ("EN-gb", Some(Locale::En)),
            ("en;q=0, de;q=0.1", Some(Locale::De)),
            ("de;q=0", None),
            ("fr", None),
            ("*", None),
            ("de;q=many, en;q=0.1", Some(Locale::En)),
            ("", None),
        ] {
            assert_eq!(preferred(Some(header)), expected, "{header}");
        }
        assert_eq!(preferred(None), None);
    }
}
