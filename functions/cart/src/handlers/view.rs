//! A cart as it is shown.

use std::collections::BTreeMap;

use api::Problem;
use catalog::interface::{Image, Offer};
use kernel::{CartId, Currency, Money, OrderId, ProductId, Quantity, Sku, Timestamp};
use pricing::{PricedLine, QuoteError, cart_totals};
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{Cart, CartLine, CartStatus, sells};

/// What was looked up in the catalogue: none for a SKU that is not there any more. A SKU that is not in the map was not looked up.
pub(crate) type Offers = BTreeMap<Sku, Option<Offer>>;

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Cart")]
pub struct CartView {
    id: CartId,
    status: CartStatus,
    /// The order that the cart became.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<OrderId>,
    currency: Currency,
    /// Counts the changes.
    version: u64,
    lines: Vec<CartLineView>,
    discounts: Vec<DiscountView>,
    subtotal: Money,
    discount: Money,
    /// What the goods cost, without shipping; lines that are not for sale do not count.
    total: Money,
    expires_at: Timestamp,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CartLine")]
pub struct CartLineView {
    sku: Sku,
    product_id: ProductId,
    title: String,
    options: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Image>,
    quantity: Quantity,
    unit_price: Money,
    line_total: Money,
    /// Units in stock; only where this answer looked it up (a read looks up every line, a change the line it touches).
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<i64>,
    issues: Vec<Issue>,
}

/// What stands between a line and its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
#[schemars(rename = "CartIssue")]
pub enum Issue {
    /// The price is another than when the shopper last touched the line.
    PriceChanged {
        was: Money,
        now: Money,
    },
    InsufficientStock {
        available: i64,
    },
    NotForSale,
}

/// What comes off the subtotal, and why.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Discount")]
pub struct DiscountView {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    title: String,
    amount: Money,
}

impl CartView {
    /// The cart with everything that `offers` knows better than the cart.
    pub(crate) fn of(cart: &Cart, offers: &Offers) -> Result<Self, Problem> {
        Self::priced(cart, offers).map_err(Problem::internal)
    }

    fn priced(cart: &Cart, offers: &Offers) -> Result<Self, QuoteError> {
        let mut lines = Vec::new();
        let mut counted = Vec::new();
        for (sku, line) in cart.lines_in_order() {
            let view = match offers.get(sku) {
                None => CartLineView::as_added(sku, line)?,
                Some(offer) => match offer.as_ref().filter(|offer| sells(offer, cart.currency)) {
                    None => CartLineView::withdrawn(sku, line)?,
                    Some(offer) => CartLineView::current(sku, line, offer)?,
                },
            };
            if !view.issues.contains(&Issue::NotForSale) {
                counted.push(view.to_price(offers.get(sku).and_then(Option::as_ref)));
            }
            lines.push(view);
        }
        let totals = cart_totals(cart.currency, &counted)?;
        Ok(Self {
            id: cart.id,
            status: cart.status,
            order_id: cart.order_id,
            currency: cart.currency,
            version: cart.version,
            lines,
            discounts: Vec::new(),
            subtotal: totals.subtotal,
            discount: totals.discount,
            total: totals.total,
            expires_at: cart.expires_at,
        })
    }
}

impl CartLineView {
    /// As the shopper last touched it.
    fn as_added(sku: &Sku, line: &CartLine) -> Result<Self, QuoteError> {
        Ok(Self {
            sku: sku.clone(),
            product_id: line.product_id,
            title: line.title.clone(),
            options: line.options.clone(),
            image: line.image.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            line_total: line.unit_price.checked_mul(line.quantity.get())?,
            available: None,
            issues: Vec::new(),
        })
    }

    fn withdrawn(sku: &Sku, line: &CartLine) -> Result<Self, QuoteError> {
        Ok(Self { available: Some(0), issues: vec![Issue::NotForSale], ..Self::as_added(sku, line)? })
    }

    fn current(sku: &Sku, line: &CartLine, offer: &Offer) -> Result<Self, QuoteError> {
        let available = offer.available.max(0);
        let mut issues = Vec::new();
        if line.unit_price != offer.price {
            issues.push(Issue::PriceChanged { was: line.unit_price, now: offer.price });
        }
        if available < line.quantity.get().into() {
            issues.push(Issue::InsufficientStock { available });
        }
        Ok(Self {
            title: offer.title.clone(),
            options: offer.options.clone(),
            image: offer.image.clone(),
            unit_price: offer.price,
            line_total: offer.price.checked_mul(line.quantity.get())?,
            available: Some(available),
            issues,
            ..Self::as_added(sku, line)?
        })
    }

    /// Tax and weight have no say in what a cart costs, so a line that was not looked up can go without.
    fn to_price(&self, offer: Option<&Offer>) -> PricedLine {
        PricedLine {
            sku: self.sku.clone(),
            unit_price: self.unit_price,
            quantity: self.quantity,
            tax_class: offer.map(|offer| offer.tax_class).unwrap_or_default(),
            weight_grams: offer.map(|offer| offer.weight_grams).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::examples::{cart, offer, sku};

    fn shown(cart: &Cart, offers: &[(&str, Option<Offer>)]) -> Value {
        let offers = offers.iter().map(|(name, offer)| (sku(name), offer.clone())).collect();
        serde_json::to_value(CartView::of(cart, &offers).unwrap()).unwrap()
    }

    fn eur(amount: i64) -> Value {
        json!({ "amount": amount, "currency": "EUR" })
    }

    #[test]
    fn an_empty_cart_costs_nothing() {
        let view = shown(&cart(), &[]);
        assert_eq!(
            view,
            json!({
                "id": "cart_01JH8Z6V0W4T3N9Q2RSKX7M5CD", "status": "open", "currency": "EUR", "version": 1, "lines": [],
                "discounts": [], "subtotal": eur(0), "discount": eur(0), "total": eur(0),
                "expires_at": "2026-12-23T05:00:00.000Z",
            })
        );
    }

    #[test]
    fn a_cart_shows_todays_prices_and_stock() {
        let view = shown(&cart().with_line("TEA", 2, 1999), &[("TEA", Some(offer("TEA", 1999)))]);
        assert_eq!(
            view["lines"],
            json!([{
                "sku": "TEA", "product_id": "prod_01JH8Z6V0W4T3N9Q2RSKX7M5CD", "title": "Product TEA",
                "options": { "Size": "250 g" }, "quantity": 2, "unit_price": eur(1999), "line_total": eur(3998),
                "available": 10, "issues": [],
            }])
        );
        assert_eq!((&view["subtotal"], &view["total"]), (&eur(3998), &eur(3998)));
    }

    #[test]
    fn a_changed_price_is_charged_and_told() {
        let view = shown(&cart().with_line("TEA", 2, 1999), &[("TEA", Some(offer("TEA", 2099)))]);
        let issue = json!([{ "code": "price_changed", "was": eur(1999), "now": eur(2099) }]);
        assert_eq!((&view["lines"][0]["issues"], &view["total"]), (&issue, &eur(4198)));
    }

    #[test]
    fn too_little_stock_is_told_with_what_there_is() {
        let scarce = Offer { available: 1, ..offer("TEA", 1999) };
        let view = shown(&cart().with_line("TEA", 2, 1999), &[("TEA", Some(scarce))]);
        assert_eq!(view["lines"][0]["issues"], json!([{ "code": "insufficient_stock", "available": 1 }]));
        assert_eq!(view["total"], eur(3998));
    }

    #[test]
    fn what_is_not_for_sale_is_flagged_and_does_not_count() {
        let cart = cart().with_line("TEA", 2, 1999).with_line("MUG", 1, 500);
        let draft = Offer { for_sale: false, ..offer("TEA", 1999) };
        for gone in [None, Some(draft)] {
            let view = shown(&cart, &[("TEA", gone), ("MUG", Some(offer("MUG", 500)))]);
            assert_eq!(view["lines"][1]["issues"], json!([{ "code": "not_for_sale" }]));
            assert_eq!((&view["lines"][1]["available"], &view["total"]), (&json!(0), &eur(500)));
        }
    }

    #[test]
    fn a_line_that_was_not_looked_up_shows_what_the_shopper_saw() {
        let view = shown(&cart().with_line("TEA", 2, 1999), &[]);
        assert_eq!((view["lines"][0].get("available"), &view["total"]), (None, &eur(3998)));
    }

    #[test]
    fn lines_stay_in_the_order_they_came_in() {
        let mut cart = cart().with_line("ZEBRA", 1, 1).with_line("ANT", 1, 1);
        let later = cart.created_at.plus_seconds(9);
        cart.lines.get_mut(&sku("ANT")).unwrap().added_at = later;
        let view = shown(&cart, &[]);
        assert_eq!((&view["lines"][0]["sku"], &view["lines"][1]["sku"]), (&json!("ZEBRA"), &json!("ANT")));
    }
}
