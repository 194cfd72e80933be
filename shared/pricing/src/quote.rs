//! What an order would cost, delivered.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use kernel::{CountryCode, Currency, Money, MoneyError, Quantity, Sku, Slug, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{PricedLine, QuoteError, Rate, ShippingOption, ShippingZones, TaxRate, TaxTable, cart_totals};

/// All that a quote depends on.
#[derive(Clone, Copy, Debug)]
pub struct QuoteInput<'a> {
    /// The shop's currency.
    pub currency: Currency,
    /// What is bought.
    pub lines: &'a [PricedLine],
    /// Destination.
    pub country: CountryCode,
    /// State or province of the destination.
    pub region: Option<&'a str>,
    /// The shop's tax rates.
    pub taxes: &'a TaxTable,
    /// The shop's shipping zones.
    pub zones: &'a ShippingZones,
    /// The shopper's choice; without one the cheapest way is priced.
    pub shipping_method: Option<&'a Slug>,
}

/// What an order would cost, delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quote {
    /// The lines, in the order given.
    pub lines: Vec<QuotedLine>,
    /// Sum of the line totals.
    pub subtotal: Money,
    /// Sum of the lines' discounts.
    pub discount: Money,
    /// What shipping costs.
    pub shipping: Money,
    /// Tax on shipping; contained in `shipping` if prices include tax.
    pub shipping_tax: Money,
    /// Rate that shipping is taxed at: the highest among the lines.
    pub shipping_tax_rate: Rate,
    /// Tax on lines and shipping.
    pub tax: Money,
    /// The tax by name and rate, the highest rate first.
    pub tax_lines: Vec<TaxLine>,
    /// True if all prices contain their tax.
    pub prices_include_tax: bool,
    /// What is to be paid.
    pub total: Money,
    /// The way of shipping that is priced.
    pub shipping_method: ShippingOption,
    /// All ways of shipping, the cheapest first.
    pub shipping_options: Vec<ShippingOption>,
}

/// One line of a quote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuotedLine {
    /// What is bought.
    pub sku: Sku,
    /// How many units.
    pub quantity: Quantity,
    /// Price of one unit.
    pub unit_price: Money,
    /// Unit price times quantity, before discounts.
    pub line_total: Money,
    /// What comes off.
    pub discount: Money,
    /// Tax on what is left; contained in it if prices include tax.
    pub tax: Money,
    /// Rate of that tax.
    pub tax_rate: Rate,
}

/// The tax of one name and rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TaxLine {
    /// What the tax is called.
    pub title: Text<1, 80>,
    /// Its rate.
    pub rate: Rate,
    /// What was taxed, without the tax.
    pub base: Money,
    /// The tax.
    pub amount: Money,
}

/// Prices an order delivered to a destination.
pub fn quote(input: &QuoteInput<'_>) -> Result<Quote, QuoteError> {
    let rates = input.lines.iter().map(|line| rate_for(input, line)).collect::<Result<Vec<_>, _>>()?;
    let Some(shipping_rate) = rates.iter().max_by_key(|rate| (rate.rate_bps, &rate.title)) else {
        return Err(QuoteError::EmptyCart);
    };
    let goods = cart_totals(input.currency, input.lines)?;
    let weight_grams = weight(input.lines);
    let shipping_options = input.zones.options(input.country, goods.total, weight_grams)?;
    let shipping_method = match input.shipping_method {
        None => shipping_options.first().ok_or(QuoteError::TooHeavy { weight_grams }),
        Some(id) => shipping_options
            .iter()
            .find(|option| option.id == *id)
            .ok_or_else(|| input.zones.why_not(input.country, id, weight_grams)),
    }?
    .clone();
    let shipping = shipping_method.price;

    let mut taxes = TaxSums { table: input.taxes, sums: BTreeMap::new() };
    let mut lines = Vec::with_capacity(input.lines.len());
    for ((line, totals), rate) in input.lines.iter().zip(&goods.lines).zip(&rates) {
        lines.push(QuotedLine {
            sku: line.sku.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            line_total: totals.line_total,
            discount: totals.discount,
            tax: taxes.add(totals.net()?, rate)?,
            tax_rate: Rate::from_bps(rate.rate_bps),
        });
    }
    let shipping_tax = taxes.add(shipping, shipping_rate)?;
    let tax_lines = taxes.into_lines();
    let tax = Money::sum(input.currency, tax_lines.iter().map(|line| line.amount))?;

    let delivered = goods.total.checked_add(shipping)?;
    let prices_include_tax = input.taxes.prices_include_tax;
    Ok(Quote {
        lines,
        subtotal: goods.subtotal,
        discount: goods.discount,
        shipping,
        shipping_tax,
        shipping_tax_rate: Rate::from_bps(shipping_rate.rate_bps),
        tax,
        tax_lines,
        prices_include_tax,
        total: if prices_include_tax { delivered } else { delivered.checked_add(tax)? },
        shipping_method,
        shipping_options,
    })
}

fn rate_for<'a>(input: &QuoteInput<'a>, line: &PricedLine) -> Result<&'a TaxRate, QuoteError> {
    let (country, tax_class) = (input.country, line.tax_class);
    input.taxes.rate(country, input.region, tax_class).ok_or(QuoteError::NoTaxRate { country, tax_class })
}

fn weight(lines: &[PricedLine]) -> u64 {
    lines.iter().map(|line| u64::from(line.weight_grams) * u64::from(line.quantity.get())).fold(0, u64::saturating_add)
}

/// Tax by name and rate, while it is being added up.
struct TaxSums<'a> {
    table: &'a TaxTable,
    sums: BTreeMap<(Reverse<Rate>, &'a Text<1, 80>), (Money, Money)>,
}

impl<'a> TaxSums<'a> {
    /// Taxes one amount, and answers the tax.
    fn add(&mut self, net: Money, rate: &'a TaxRate) -> Result<Money, MoneyError> {
        let tax = self.table.tax_on(net, rate)?;
        let base = if self.table.prices_include_tax { net.checked_sub(tax)? } else { net };
        let zero = Money::zero(net.currency);
        let key = (Reverse(Rate::from_bps(rate.rate_bps)), &rate.title);
        let (base_sum, tax_sum) = self.sums.entry(key).or_insert((zero, zero));
        *base_sum = base_sum.checked_add(base)?;
        *tax_sum = tax_sum.checked_add(tax)?;
        Ok(tax)
    }

    fn into_lines(self) -> Vec<TaxLine> {
        self.sums
            .into_iter()
            .map(|((Reverse(rate), title), (base, amount))| TaxLine { title: title.clone(), rate, base, amount })
            .collect()
    }
}

#[cfg(test)]
mod examples;
#[cfg(test)]
mod properties;
