use std::collections::BTreeMap;

use kernel::{Money, ProductId, Sku};
use pricing::TaxClass;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{Asked, PriceHistory, Stock};

/// Units below which a SKU is announced as running low, unless staff say otherwise.
pub const DEFAULT_LOW_AT: u32 = 5;

/// A variant as it is sold: what a cart and an order need of it, its price, and its stock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub sku: Sku,
    pub product_id: ProductId,
    /// Place among the product's variants, from 0.
    pub position: u16,
    /// The product's title.
    pub title: String,
    pub variant_title: String,
    /// The value this variant has for each of the product's options.
    pub options: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    pub price: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_at_price: Option<Money>,
    #[serde(default, skip_serializing_if = "PriceHistory::is_empty")]
    pub prices: PriceHistory,
    pub tax_class: TaxClass,
    pub weight_grams: u32,
    /// False unless the product is active.
    pub for_sale: bool,
    pub available: i64,
    pub reserved: i64,
    pub committed: i64,
    pub on_hand: i64,
    /// Announced as low (`StockLow`) when fewer units are available; 0: never.
    #[serde(default = "default_low_at")]
    pub low_at: u32,
    /// An order had it once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
    /// Its ledger has an entry.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counted: bool,
    /// It is no variant any more, and its row stays for what was ordered and counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// Which row of which import wrote it last, and what came of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<String>,
}

fn default_low_at() -> u32 {
    DEFAULT_LOW_AT
}

impl Offer {
    #[must_use]
    pub fn stock(&self) -> Stock {
        Stock { on_hand: self.on_hand, available: self.available, reserved: self.reserved, committed: self.committed }
    }

    /// Whether orders or the ledger know the SKU, so that its row must stay.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.ordered || self.counted || self.stock() != Stock::NONE
    }

    /// What shoppers are asked for it.
    #[must_use]
    pub fn asked(&self) -> Asked {
        Asked {
            price: self.for_sale.then_some(self.price.amount),
            is_reduced: self.for_sale && self.compare_at_price.is_some(),
        }
    }

    /// While a higher price is shown beside the price: the lowest of the thirty days before. What was asked for nothing else yet, or not
    /// lately, is compared with itself: nobody ever paid the higher price.
    #[must_use]
    pub fn lowest_price_before_reduction(&self) -> Option<Money> {
        let before = || self.prices.lowest_before_reduction().or_else(|| self.prices.lowest());
        let lowest = |_| Money::new(before().unwrap_or(self.price.amount), self.price.currency);
        self.compare_at_price.map(lowest)
    }
}

/// A picture of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Image {
    pub url: String,
    /// What the picture shows, for those who cannot see it.
    pub alt: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn what_was_ordered_counted_or_is_there_is_bound() {
        let new = || fixtures::tea().1.remove(0);
        assert!(!new().is_bound());
        assert!(Offer { ordered: true, ..new() }.is_bound());
        assert!(Offer { counted: true, ..new() }.is_bound());
        assert!(Offer { on_hand: 1, available: 1, ..new() }.is_bound());
    }

    #[test]
    fn whoever_sees_a_price_before_sees_the_lowest_one_too() {
        let euros = |amount| Money::new(amount, kernel::Currency::EUR);
        let new = Offer { prices: PriceHistory::default(), ..fixtures::tea().1.remove(0) };
        let reduced = |amount, prices| {
            let compare_at_price = Some(euros(2500));
            Offer { price: euros(amount), compare_at_price, prices, ..new.clone() }
        };
        assert_eq!(Offer { compare_at_price: None, ..new.clone() }.lowest_price_before_reduction(), None);
        let first = reduced(1500, PriceHistory::default());
        assert_eq!(first.lowest_price_before_reduction(), Some(euros(1500)));
        let today = fixtures::moment().day;
        let history = first.prices.clone().after_change(Asked::default(), first.asked(), today);
        let raised =
            reduced(1700, history.after_change(first.asked(), reduced(1700, PriceHistory::default()).asked(), today));
        assert_eq!(raised.lowest_price_before_reduction(), Some(euros(1500)), "it was asked since");
    }

    #[test]
    fn a_row_from_before_is_read_with_what_it_lacks() {
        let mut row = serde_json::to_value(fixtures::tea().1.remove(0)).unwrap();
        row.as_object_mut().unwrap().remove("low_at");
        row.as_object_mut().unwrap().remove("prices");
        let offer: Offer = serde_json::from_value(row).unwrap();
        assert_eq!((offer.low_at, offer.ordered, offer.prices.is_empty()), (5, false, true));
    }
}
