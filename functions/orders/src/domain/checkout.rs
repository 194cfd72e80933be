//! From a cart to a priced draft of an order.

use std::collections::BTreeMap;

use cart::interface::Cart;
use catalog::interface::Offer;
use kernel::{Address, Money, Quantity, Sku, Slug};
use pricing::{PricedLine, Quote, QuoteError, QuoteInput, QuotedLine, quote};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Discount, DraftLine, Image, Settings};

/// A cart at today's prices, delivered to an address: what a quote shows, and what placing makes an order of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub lines: Vec<DraftLine>,
    pub discounts: Vec<Discount>,
    pub quote: Quote,
    pub shipping_address: Address,
}

/// Why a cart cannot be ordered, in words for the shopper.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckoutError {
    #[error("Some products are no longer for sale.")]
    NotForSale(Vec<Sku>),
    #[error("There is not enough stock.")]
    OutOfStock(Vec<Shortage>),
    #[error(transparent)]
    Price(#[from] QuoteError),
}

/// More is wanted than there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Shortage {
    pub sku: Sku,
    pub wanted: Quantity,
    pub available: i64,
}

impl Draft {
    /// Prices `cart` as `offers` and `settings` stand. Whether there is enough stock is another question ([`Draft::check_stock`]).
    ///
    /// # Errors
    /// [`CheckoutError::NotForSale`] naming all such SKUs, or why there is no price.
    pub fn price(
        cart: &Cart,
        offers: &BTreeMap<Sku, Offer>,
        settings: &Settings,
        shipping_address: Address,
        shipping_method: Option<&Slug>,
    ) -> Result<Self, CheckoutError> {
        let offered = |sku: &Sku| offers.get(sku).filter(|offer| offer.for_sale);
        let gone: Vec<Sku> = cart
            .lines_in_order()
            .into_iter()
            .map(|(sku, _)| sku)
            .filter(|sku| offered(sku).is_none())
            .cloned()
            .collect();
        if !gone.is_empty() {
            return Err(CheckoutError::NotForSale(gone));
        }
        let wanted: Vec<(&Offer, Quantity)> =
            cart.lines_in_order().into_iter().filter_map(|(sku, line)| Some((offered(sku)?, line.quantity))).collect();
        let lines: Vec<PricedLine> = wanted.iter().map(|(offer, quantity)| priced(offer, *quantity)).collect();
        let quote = quote(&QuoteInput {
            currency: settings.currency,
            lines: &lines,
            country: shipping_address.country,
            region: shipping_address.region.as_ref().map(|region| region.as_str()),
            taxes: &settings.taxes,
            zones: &settings.zones,
            shipping_method,
        })?;
        let lines = wanted.iter().zip(&quote.lines).map(|((offer, _), line)| snapshot(offer, line)).collect();
        Ok(Self { lines, discounts: Vec::new(), quote, shipping_address })
    }

    /// Whether there is as much as is wanted, going by what was read. The transaction has the last word.
    ///
    /// # Errors
    /// [`CheckoutError::OutOfStock`] naming all SKUs of which there is too little.
    pub fn check_stock(&self, offers: &BTreeMap<Sku, Offer>) -> Result<(), CheckoutError> {
        let short = |line: &DraftLine| {
            let available = offers.get(&line.sku).map_or(0, |offer| offer.available.max(0));
            let is_short = available < i64::from(line.quantity.get());
            is_short.then(|| Shortage { sku: line.sku.clone(), wanted: line.quantity, available })
        };
        let shortages: Vec<Shortage> = self.lines.iter().filter_map(short).collect();
        if shortages.is_empty() { Ok(()) } else { Err(CheckoutError::OutOfStock(shortages)) }
    }

    /// What the order will cost.
    #[must_use]
    pub fn total(&self) -> Money {
        self.quote.total
    }
}

fn priced(offer: &Offer, quantity: Quantity) -> PricedLine {
    PricedLine {
        sku: offer.sku.clone(),
        unit_price: offer.price,
        quantity,
        tax_class: offer.tax_class,
        weight_grams: offer.weight_grams,
    }
}

fn snapshot(offer: &Offer, line: &QuotedLine) -> DraftLine {
    DraftLine {
        sku: offer.sku.clone(),
        product_id: offer.product_id,
        title: offer.title.clone(),
        options: offer.options.clone(),
        image: offer.image.as_ref().map(|image| Image { url: image.url.clone(), alt: image.alt.clone() }),
        quantity: line.quantity,
        unit_price: line.unit_price,
        line_total: line.line_total,
        discount: line.discount,
        tax: line.tax,
        tax_rate: line.tax_rate,
    }
}
