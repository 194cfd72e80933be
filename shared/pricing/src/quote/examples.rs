//! Quotes worked out by hand.

use super::*;
use crate::{ShippingMethod, ShippingZone, TaxClass};

fn country(code: &str) -> CountryCode {
    CountryCode::parse(code).unwrap()
}

fn line(amount: i64, quantity: i64, tax_class: TaxClass) -> PricedLine {
    PricedLine {
        sku: Sku::parse("TEA").unwrap(),
        unit_price: Money::new(amount, Currency::EUR),
        quantity: Quantity::new(quantity).unwrap(),
        tax_class,
        weight_grams: 250,
    }
}

fn in_currency(line: PricedLine, currency: Currency) -> PricedLine {
    PricedLine { unit_price: Money::new(line.unit_price.amount, currency), ..line }
}

fn taxes(prices_include_tax: bool, rates: &[(&str, Option<&str>, TaxClass, u32)]) -> TaxTable {
    let rate = |(code, region, tax_class, rate_bps): &(&str, Option<&str>, TaxClass, u32)| TaxRate {
        country: country(code),
        region: region.map(|region| Text::parse(region).unwrap()),
        tax_class: *tax_class,
        title: Text::parse("VAT").unwrap(),
        rate_bps: *rate_bps,
    };
    TaxTable { prices_include_tax, rates: rates.iter().map(rate).collect() }
}

fn zones(code: &str, price: i64, currency: Currency) -> ShippingZones {
    let method = |id: &str, price| ShippingMethod {
        id: Slug::parse(id).unwrap(),
        title: Text::parse(id).unwrap(),
        price: Money::new(price, currency),
        free_from: None,
        min_days: 1,
        max_days: 3,
        max_weight_grams: Some(30_000),
    };
    ShippingZones {
        zones: vec![ShippingZone {
            id: Slug::parse("zone").unwrap(),
            title: Text::parse("Zone").unwrap(),
            countries: vec![country(code)],
            methods: vec![method("express", price * 2), method("standard", price)],
        }],
    }
}

const GERMAN: &[(&str, Option<&str>, TaxClass, u32)] =
    &[("DE", None, TaxClass::Standard, 1900), ("DE", None, TaxClass::Reduced, 700)];

fn ask<'a>(lines: &'a [PricedLine], code: &str, taxes: &'a TaxTable, zones: &'a ShippingZones) -> QuoteInput<'a> {
    QuoteInput {
        currency: lines.first().map_or(Currency::EUR, |line| line.unit_price.currency),
        lines,
        country: country(code),
        region: None,
        taxes,
        zones,
        shipping_method: None,
    }
}

fn amounts(quote: &Quote) -> [i64; 5] {
    [quote.subtotal, quote.discount, quote.shipping, quote.tax, quote.total].map(|money| money.amount)
}

fn tax_lines(quote: &Quote) -> Vec<(String, i64, i64)> {
    quote.tax_lines.iter().map(|line| (line.rate.to_string(), line.base.amount, line.amount.amount)).collect()
}

#[test]
fn inclusive_prices_contain_their_tax() {
    // 2 × 19.99 at 19 %: 39.98 × 19 / 119 = 6.3833 → 6.38; 3 × 4.50 at 7 %: 13.50 × 7 / 107 = 0.8832 → 0.88;
    // shipping 4.90 at the higher rate: 4.90 × 19 / 119 = 0.7824 → 0.78.
    let lines = [line(1999, 2, TaxClass::Standard), line(450, 3, TaxClass::Reduced)];
    let (taxes, zones) = (taxes(true, GERMAN), zones("DE", 490, Currency::EUR));
    let quote = quote(&ask(&lines, "DE", &taxes, &zones)).unwrap();
    assert_eq!(amounts(&quote), [5348, 0, 490, 804, 5838]);
    assert_eq!(tax_lines(&quote), [("19".to_owned(), 3360 + 412, 638 + 78), ("7".to_owned(), 1262, 88)]);
    assert_eq!(quote.lines.iter().map(|line| line.tax.amount).collect::<Vec<_>>(), [638, 88]);
    assert_eq!((quote.shipping_tax.amount, quote.shipping_tax_rate), (78, Rate::from_bps(1900)));
}

#[test]
fn exclusive_prices_get_their_tax_on_top() {
    // 39.98 × 19 % = 7.5962 → 7.60; 13.50 × 7 % = 0.945 → 0.94 (half to even); 4.90 × 19 % = 0.931 → 0.93.
    let lines = [line(1999, 2, TaxClass::Standard), line(450, 3, TaxClass::Reduced)];
    let (taxes, zones) = (taxes(false, GERMAN), zones("DE", 490, Currency::EUR));
    let quote = quote(&ask(&lines, "DE", &taxes, &zones)).unwrap();
    assert_eq!(amounts(&quote), [5348, 0, 490, 947, 6785]);
    assert_eq!(tax_lines(&quote), [("19".to_owned(), 3998 + 490, 760 + 93), ("7".to_owned(), 1350, 94)]);
}

#[test]
fn currencies_without_decimals_are_taxed_in_whole_units() {
    // 3 × 333 yen at 10 %: 99.9 → 100; shipping 505 × 10 % = 50.5 → 50 (half to even).
    let lines = [in_currency(line(333, 3, TaxClass::Standard), Currency::JPY)];
    let taxes = taxes(false, &[("JP", None, TaxClass::Standard, 1000)]);
    let zones = zones("JP", 505, Currency::JPY);
    let quote = quote(&ask(&lines, "JP", &taxes, &zones)).unwrap();
    assert_eq!(amounts(&quote), [999, 0, 505, 150, 1654]);
    assert_eq!(quote.total.to_string(), "1654 JPY");
}

#[test]
fn currencies_with_three_decimals_are_taxed_in_thousandths() {
    // 1.999 at 5 %: 0.09995 → 0.100; shipping 1.250 × 5 % = 0.0625 → 0.062 (half to even).
    let lines = [in_currency(line(1999, 1, TaxClass::Standard), Currency::KWD)];
    let taxes = taxes(false, &[("KW", None, TaxClass::Standard, 500)]);
    let zones = zones("KW", 1250, Currency::KWD);
    let quote = quote(&ask(&lines, "KW", &taxes, &zones)).unwrap();
    assert_eq!(amounts(&quote), [1999, 0, 1250, 162, 3411]);
    assert_eq!(quote.total.to_string(), "3.411 KWD");
}

#[test]
fn goods_that_are_not_taxed_show_a_line_of_zero() {
    let lines = [line(1000, 1, TaxClass::Zero)];
    let (taxes, zones) = (taxes(true, &[("DE", None, TaxClass::Zero, 0)]), zones("DE", 490, Currency::EUR));
    let quote = quote(&ask(&lines, "DE", &taxes, &zones)).unwrap();
    assert_eq!(amounts(&quote), [1000, 0, 490, 0, 1490]);
    assert_eq!(tax_lines(&quote), [("0".to_owned(), 1490, 0)]);
}

#[test]
fn the_state_decides_where_it_has_its_own_rate() {
    let lines = [line(10_000, 1, TaxClass::Standard)];
    let rates = [("US", None, TaxClass::Standard, 0), ("US", Some("CA"), TaxClass::Standard, 725)];
    let (taxes, zones) = (taxes(false, &rates), zones("US", 0, Currency::EUR));
    let tax_in = |region| {
        let input = QuoteInput { region, ..ask(&lines, "US", &taxes, &zones) };
        quote(&input).map(|quote| quote.tax.amount)
    };
    assert_eq!([tax_in(Some("CA")), tax_in(Some("OR"))], [Ok(725), Ok(0)]);
}

#[test]
fn the_chosen_way_of_shipping_is_priced_and_the_cheapest_without_a_choice() {
    let lines = [line(1000, 1, TaxClass::Standard)];
    let (taxes, zones) = (taxes(true, GERMAN), zones("DE", 490, Currency::EUR));
    let express = Slug::parse("express").unwrap();
    let chosen = QuoteInput { shipping_method: Some(&express), ..ask(&lines, "DE", &taxes, &zones) };
    assert_eq!(quote(&chosen).unwrap().total.amount, 1000 + 980);
    let cheapest = quote(&ask(&lines, "DE", &taxes, &zones)).unwrap();
    assert_eq!((cheapest.total.amount, cheapest.shipping_options.len()), (1490, 2));
}

#[test]
fn what_has_no_quote_says_why() {
    let lines = [line(1000, 1, TaxClass::SuperReduced)];
    let (taxes, zones) = (taxes(true, GERMAN), zones("DE", 490, Currency::EUR));
    let no_rate = QuoteError::NoTaxRate { country: country("DE"), tax_class: TaxClass::SuperReduced };
    assert_eq!(quote(&ask(&lines, "DE", &taxes, &zones)), Err(no_rate));
    assert_eq!(quote(&ask(&[], "DE", &taxes, &zones)), Err(QuoteError::EmptyCart));

    let lines = [line(1000, 100, TaxClass::Standard), line(1000, 21, TaxClass::Standard)];
    let too_heavy = QuoteError::TooHeavy { weight_grams: 30_250 };
    assert_eq!(quote(&ask(&lines, "DE", &taxes, &zones)), Err(too_heavy));

    let drone = Slug::parse("drone").unwrap();
    let unknown = QuoteInput { shipping_method: Some(&drone), ..ask(&lines[..1], "DE", &taxes, &zones) };
    assert_eq!(quote(&unknown), Err(QuoteError::UnknownShippingMethod(drone.clone())));
}

#[test]
fn a_taxed_country_without_a_zone_is_not_shipped_to() {
    let lines = [line(1000, 1, TaxClass::Standard)];
    let (taxes, zones) = (taxes(true, GERMAN), zones("FR", 490, Currency::EUR));
    let unavailable = QuoteError::ShippingUnavailable { country: country("DE") };
    assert_eq!(quote(&ask(&lines, "DE", &taxes, &zones)), Err(unavailable));
}

#[test]
fn a_quote_survives_storage() {
    let lines = [line(1999, 2, TaxClass::Standard)];
    let (taxes, zones) = (taxes(true, GERMAN), zones("DE", 490, Currency::EUR));
    let quote = quote(&ask(&lines, "DE", &taxes, &zones)).unwrap();
    let json = serde_json::to_value(&quote).unwrap();
    assert_eq!(json["tax_lines"][0]["rate"], "19");
    assert_eq!(serde_json::from_value::<Quote>(json).unwrap(), quote);
}
