//! 409 `total_changed`: what the shopper agreed to, and what it would be now.

use api::{Code, Problem};
use cart::interface::Cart;
use kernel::{Money, MoneyError, Quantity, Sku};
use pricing::TaxLine;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{Draft, DraftLine};

/// What comes with `total_changed`: a storefront can show it and ask again.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TotalChanged {
    /// What the shopper agreed to.
    expected_total: Money,
    /// What to send as `expected_total` if they agree to it now.
    total: Money,
    /// The lines whose price is not what it was when they came into the cart. None if taxes or shipping alone changed.
    lines: Vec<ChangedLine>,
    quote: NewTotals,
}

/// A line whose price is not what it was when it came into the cart.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct ChangedLine {
    sku: Sku,
    quantity: Quantity,
    old_unit_price: Money,
    unit_price: Money,
    old_line_total: Money,
    line_total: Money,
}

/// How the new total comes about.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct NewTotals {
    subtotal: Money,
    discount: Money,
    shipping: Money,
    tax: Money,
    tax_lines: Vec<TaxLine>,
    /// Whether tax is contained in the prices, or comes on top of them.
    prices_include_tax: bool,
    total: Money,
}

/// # Errors
/// 409 `total_changed` with the difference.
pub(super) fn check_total(expected_total: Money, draft: &Draft, cart: &Cart) -> Result<(), Problem> {
    if draft.total() == expected_total {
        return Ok(());
    }
    let difference = TotalChanged::new(expected_total, draft, cart).map_err(Problem::internal)?;
    Err(Problem::new(Code::TotalChanged).at("/expected_total").telling(difference))
}

impl TotalChanged {
    fn new(expected_total: Money, draft: &Draft, cart: &Cart) -> Result<Self, MoneyError> {
        let lines = draft.lines.iter().filter_map(|line| {
            let old_unit_price = cart.lines.get(&line.sku)?.unit_price;
            (old_unit_price != line.unit_price).then(|| ChangedLine::new(line, old_unit_price))
        });
        let quote = &draft.quote;
        Ok(Self {
            expected_total,
            total: quote.total,
            lines: lines.collect::<Result<_, _>>()?,
            quote: NewTotals {
                subtotal: quote.subtotal,
                discount: quote.discount,
                shipping: quote.shipping,
                tax: quote.tax,
                tax_lines: quote.tax_lines.clone(),
                prices_include_tax: quote.prices_include_tax,
                total: quote.total,
            },
        })
    }
}

impl ChangedLine {
    fn new(line: &DraftLine, old_unit_price: Money) -> Result<Self, MoneyError> {
        Ok(Self {
            sku: line.sku.clone(),
            quantity: line.quantity,
            old_unit_price,
            unit_price: line.unit_price,
            old_line_total: old_unit_price.checked_mul(line.quantity.get())?,
            line_total: line.line_total,
        })
    }
}

#[cfg(test)]
mod tests {
    use kernel::MAX_AMOUNT;
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::Settings;
    use crate::domain::samples::{address, cart, eur, offer, offers, settings};

    /// What is told of a cart of two A and one B at ten euros, for which 34.90 was agreed to.
    fn told(price_of_a: i64, settings: &Settings) -> Value {
        let cart = cart(&[("A", 2), ("B", 1)]);
        let offers = offers([offer("A", price_of_a, 5), offer("B", 1000, 5)]);
        let draft = Draft::price(&cart, &offers, settings, address(), None).unwrap();
        let problem = check_total(eur(3490), &draft, &cart).expect_err("another total");
        let member = |name| problem.field(name).unwrap().clone();
        assert_eq!((problem.code(), member("expected_total")), (Code::TotalChanged, json!(eur(3490))));
        json!({ "total": member("total"), "lines": member("lines"), "quote": member("quote") })
    }

    #[test]
    fn a_changed_price_is_told_with_the_line_as_it_was_and_as_it_is() {
        let told = told(1100, &settings(true));
        assert_eq!(told["total"], json!(eur(3690)));
        let line = json!({
            "sku": "A", "quantity": 2, "old_unit_price": eur(1000), "unit_price": eur(1100),
            "old_line_total": eur(2000), "line_total": eur(2200),
        });
        assert_eq!(told["lines"], json!([line]));
        assert_eq!((&told["quote"]["subtotal"], &told["quote"]["total"]), (&json!(eur(3200)), &json!(eur(3690))));
    }

    #[test]
    fn a_changed_tax_rate_is_told_by_the_new_taxes_and_no_line() {
        let mut settings = settings(false);
        settings.taxes.rates[0].rate_bps = 700;
        let told = told(1000, &settings);
        assert_eq!(told["lines"], json!([]));
        let quote = &told["quote"];
        assert_eq!((&quote["tax"], &quote["prices_include_tax"]), (&json!(eur(244)), &json!(false)));
        assert_eq!(quote["tax_lines"][0]["amount"], json!(eur(244)));
        assert_eq!(quote["total"], json!(eur(3490 + 244)));
    }

    #[test]
    fn a_changed_price_of_shipping_is_told_by_it() {
        let mut settings = settings(true);
        settings.zones.zones[0].methods[0].price = eur(590);
        let told = told(1000, &settings);
        assert_eq!((&told["lines"], &told["quote"]["shipping"]), (&json!([]), &json!(eur(590))));
        assert_eq!((&told["total"], &told["quote"]["discount"]), (&json!(eur(3590)), &json!(eur(0))));
    }

    #[test]
    fn what_was_agreed_to_is_no_difference() {
        let draft = crate::domain::samples::draft();
        assert!(check_total(draft.total(), &draft, &cart(&[("A", 2), ("B", 1)])).is_ok());
    }

    #[test]
    fn the_highest_price_times_the_most_units_can_be_told() {
        assert!(eur(MAX_AMOUNT).checked_mul(100).is_ok());
    }
}
