//! What holds for every quote.

use proptest::prelude::*;

use super::*;
use crate::{ShippingMethod, ShippingZone, TaxClass};

const CLASSES: [TaxClass; 4] = [TaxClass::Standard, TaxClass::Reduced, TaxClass::SuperReduced, TaxClass::Zero];

fn currencies() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec![Currency::EUR, Currency::JPY, Currency::KWD])
}

fn lines(currency: Currency, amounts: impl Strategy<Value = i64> + Clone) -> impl Strategy<Value = Vec<PricedLine>> {
    let line = (amounts, 1..=100_i64, prop::sample::select(CLASSES.to_vec()), any::<u32>());
    let line = line.prop_map(move |(amount, quantity, tax_class, weight_grams)| PricedLine {
        sku: Sku::parse("TEA").unwrap(),
        unit_price: Money::new(amount, currency),
        quantity: Quantity::new(quantity).unwrap(),
        tax_class,
        weight_grams,
    });
    prop::collection::vec(line, 1..=50)
}

fn shop(
    currency: Currency,
    amounts: impl Strategy<Value = i64> + Clone,
    bps: impl Strategy<Value = u32> + Clone,
) -> impl Strategy<Value = (TaxTable, ShippingZones)> {
    let prices = (amounts.clone(), prop::option::of(amounts));
    (any::<bool>(), prop::collection::vec(bps, 4), prices).prop_map(move |(inclusive, bps, (price, free_from))| {
        let country = CountryCode::parse("DE").unwrap();
        let rates = CLASSES
            .into_iter()
            .zip(bps)
            .map(|(tax_class, rate_bps)| TaxRate {
                country,
                region: None,
                tax_class,
                title: Text::parse("VAT").unwrap(),
                rate_bps,
            })
            .collect();
        let method = ShippingMethod {
            id: Slug::parse("standard").unwrap(),
            title: Text::parse("Standard").unwrap(),
            price: Money::new(price, currency),
            free_from: free_from.map(|amount| Money::new(amount, currency)),
            min_days: 1,
            max_days: 3,
            max_weight_grams: None,
        };
        let zone = ShippingZone {
            id: Slug::parse("home").unwrap(),
            title: Text::parse("Home").unwrap(),
            countries: vec![country],
            methods: vec![method],
        };
        (TaxTable { prices_include_tax: inclusive, rates }, ShippingZones { zones: vec![zone] })
    })
}

/// A shop and a cart in it; `amounts` and `bps` say how wild they are.
fn cases(
    amounts: impl Strategy<Value = i64> + Clone + 'static,
    bps: impl Strategy<Value = u32> + Clone + 'static,
) -> impl Strategy<Value = (Currency, Vec<PricedLine>, (TaxTable, ShippingZones))> {
    currencies().prop_flat_map(move |currency| {
        (Just(currency), lines(currency, amounts.clone()), shop(currency, amounts.clone(), bps.clone()))
    })
}

fn ask(
    currency: Currency,
    lines: &[PricedLine],
    (taxes, zones): &(TaxTable, ShippingZones),
) -> Result<Quote, QuoteError> {
    let country = CountryCode::parse("DE").unwrap();
    quote(&QuoteInput { currency, lines, country, region: None, taxes, zones, shipping_method: None })
}

fn sum(amounts: impl IntoIterator<Item = Money>) -> i64 {
    amounts.into_iter().map(|money| money.amount).sum()
}

proptest! {
    #[test]
    fn tax_is_the_sum_of_its_parts((currency, lines, shop) in cases(0..=kernel::MAX_AMOUNT, 0..=10_000_u32)) {
        let quote = ask(currency, &lines, &shop).unwrap();
        let by_line = sum(quote.lines.iter().map(|line| line.tax)) + quote.shipping_tax.amount;
        prop_assert_eq!(by_line, quote.tax.amount);
        prop_assert_eq!(sum(quote.tax_lines.iter().map(|line| line.amount)), quote.tax.amount);
        let taxed = quote.subtotal.amount - quote.discount.amount + quote.shipping.amount;
        let contained = if quote.prices_include_tax { quote.tax.amount } else { 0 };
        prop_assert_eq!(sum(quote.tax_lines.iter().map(|line| line.base)), taxed - contained);
    }

    #[test]
    fn the_total_follows_the_tax_display((currency, lines, shop) in cases(0..=kernel::MAX_AMOUNT, 0..=10_000_u32)) {
        let quote = ask(currency, &lines, &shop).unwrap();
        let delivered = quote.subtotal.amount - quote.discount.amount + quote.shipping.amount;
        let on_top = if quote.prices_include_tax { 0 } else { quote.tax.amount };
        prop_assert_eq!(quote.total.amount, delivered + on_top);
        prop_assert_eq!(sum(quote.lines.iter().map(|line| line.line_total)), quote.subtotal.amount);
        prop_assert_eq!(sum(quote.lines.iter().map(|line| line.discount)), quote.discount.amount);
    }

    #[test]
    fn nothing_is_negative_and_tax_never_exceeds_what_is_taxed(
        (currency, lines, shop) in cases(0..=kernel::MAX_AMOUNT, 0..=10_000_u32),
    ) {
        let quote = ask(currency, &lines, &shop).unwrap();
        let mut amounts = vec![quote.subtotal, quote.discount, quote.shipping, quote.shipping_tax, quote.total];
        amounts.extend(quote.tax_lines.iter().flat_map(|line| [line.base, line.amount]));
        amounts.extend(quote.lines.iter().flat_map(|line| [line.line_total, line.discount, line.tax]));
        prop_assert!(amounts.iter().all(|money| !money.is_negative() && money.currency == currency));
        prop_assert!(quote.lines.iter().all(|line| line.tax.amount <= line.line_total.amount));
        prop_assert!(quote.tax.amount <= quote.total.amount);
    }

    #[test]
    fn the_order_of_lines_does_not_matter(
        (currency, lines, shop) in cases(0..1_000_000_i64, 0..=10_000_u32),
        turn in 0..50_usize,
    ) {
        let mut turned = lines.clone();
        turned.reverse();
        let turn = turn % turned.len();
        turned.rotate_left(turn);
        let (one, other) = (ask(currency, &lines, &shop).unwrap(), ask(currency, &turned, &shop).unwrap());
        prop_assert_eq!(Quote { lines: vec![], ..one }, Quote { lines: vec![], ..other });
    }

    #[test]
    fn extreme_values_are_refused_without_a_panic(
        (currency, lines, shop) in cases(any::<i64>(), any::<u32>()),
        other in currencies(),
    ) {
        for currency in [currency, other] {
            if let Ok(quote) = ask(currency, &lines, &shop) {
                prop_assert!(!quote.total.is_negative());
            }
        }
    }

    #[test]
    fn extreme_tables_are_checked_without_a_panic((currency, _, (taxes, zones)) in cases(any::<i64>(), any::<u32>())) {
        let sound = taxes.rates.iter().all(|rate| rate.rate_bps <= 10_000);
        prop_assert_eq!(taxes.check().is_ok(), sound);
        let sound = zones.zones.iter().flat_map(|zone| &zone.methods).all(|method| {
            method.price.as_price().is_ok() && method.free_from.is_none_or(|amount| amount.as_price().is_ok())
        });
        prop_assert_eq!(zones.check(currency).is_ok(), sound);
    }
}
