//! What the goods cost.

use kernel::{Currency, Money, Quantity, Sku};

use crate::{QuoteError, TaxClass};

/// A line with all that its price depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedLine {
    /// What is bought.
    pub sku: Sku,
    /// Price of one unit, as shown in the shop.
    pub unit_price: Money,
    /// How many units.
    pub quantity: Quantity,
    /// Which rate applies.
    pub tax_class: TaxClass,
    /// Weight of one unit.
    pub weight_grams: u32,
}

/// What one line costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineTotals {
    /// Unit price times quantity, before discounts.
    pub line_total: Money,
    /// What comes off; never more than `line_total`.
    pub discount: Money,
}

impl LineTotals {
    /// What is left to pay for the line.
    pub fn net(self) -> Result<Money, QuoteError> {
        Ok(self.line_total.checked_sub(self.discount)?)
    }
}

/// What a cart costs before shipping and tax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartTotals {
    /// The lines, in the order given.
    pub lines: Vec<LineTotals>,
    /// Sum of the line totals.
    pub subtotal: Money,
    /// Sum of the lines' discounts.
    pub discount: Money,
    /// Subtotal − discount.
    pub total: Money,
}

/// Adds up the lines of a cart, which may be empty.
pub fn cart_totals(currency: Currency, lines: &[PricedLine]) -> Result<CartTotals, QuoteError> {
    let lines = lines.iter().map(line_totals).collect::<Result<Vec<_>, _>>()?;
    let subtotal = Money::sum(currency, lines.iter().map(|line| line.line_total))?;
    let discount = Money::sum(currency, lines.iter().map(|line| line.discount))?;
    let total = subtotal.checked_sub(discount)?;
    Ok(CartTotals { lines, subtotal, discount, total })
}

fn line_totals(line: &PricedLine) -> Result<LineTotals, QuoteError> {
    let price = line.unit_price.as_price().map_err(|_| QuoteError::Price(line.sku.clone()))?;
    Ok(LineTotals { line_total: price.checked_mul(line.quantity.get())?, discount: Money::zero(price.currency) })
}

#[cfg(test)]
mod tests {
    use kernel::{MAX_AMOUNT, MoneyError};

    use super::*;

    fn line(amount: i64, currency: Currency, quantity: i64) -> PricedLine {
        PricedLine {
            sku: Sku::parse("TEA").unwrap(),
            unit_price: Money::new(amount, currency),
            quantity: Quantity::new(quantity).unwrap(),
            tax_class: TaxClass::Standard,
            weight_grams: 250,
        }
    }

    #[test]
    fn a_cart_costs_the_sum_of_its_lines() {
        let totals = cart_totals(Currency::EUR, &[line(1999, Currency::EUR, 2), line(5, Currency::EUR, 3)]).unwrap();
        assert_eq!(totals.lines.iter().map(|line| line.line_total.amount).collect::<Vec<_>>(), [3998, 15]);
        assert_eq!([totals.subtotal.amount, totals.discount.amount, totals.total.amount], [4013, 0, 4013]);
    }

    #[test]
    fn an_empty_cart_costs_nothing() {
        assert_eq!(cart_totals(Currency::JPY, &[]).unwrap().total, Money::zero(Currency::JPY));
    }

    #[test]
    fn lines_in_another_currency_are_refused() {
        let refused = cart_totals(Currency::EUR, &[line(1, Currency::USD, 1)]);
        assert!(matches!(refused, Err(QuoteError::Money(MoneyError::CurrencyMismatch(..)))));
    }

    #[test]
    fn prices_out_of_range_are_refused() {
        for amount in [-1, MAX_AMOUNT + 1, i64::MAX, i64::MIN] {
            let refused = cart_totals(Currency::EUR, &[line(amount, Currency::EUR, 1)]);
            assert!(matches!(refused, Err(QuoteError::Price(_))), "{amount}");
        }
    }

    #[test]
    fn the_fullest_cart_at_the_highest_price_still_adds_up() {
        let lines = vec![line(MAX_AMOUNT, Currency::EUR, 100); 50];
        assert_eq!(cart_totals(Currency::EUR, &lines).unwrap().total.amount, MAX_AMOUNT * 5000);
    }
}
