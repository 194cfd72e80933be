//! The money rules of cart, quote and order, in one place, so that all three always agree.
//!
//! - A line's total is its unit price times its quantity; its discount comes off before tax.
//! - Tax is rounded half to even, once per line and once for shipping; sums are sums of rounded amounts.
//! - Inclusive prices contain their tax: total = subtotal − discount + shipping. Exclusive prices: plus tax.
//! - Shipping is a side service to the goods, so it is taxed at the highest rate among them. The merchant never
//!   owes more than was charged, and the rate does not depend on how lines are ordered or split.
//! - A destination without a rate or without a shipping zone has no quote, never one of zero.

#![warn(missing_docs)]

mod error;
mod quote;
mod rate;
mod shipping;
mod tax;
mod totals;

pub use error::QuoteError;
pub use quote::{Quote, QuoteInput, QuotedLine, TaxLine, quote};
pub use rate::Rate;
pub use shipping::{ShippingMethod, ShippingOption, ShippingZone, ShippingZones};
pub use tax::{TaxClass, TaxRate, TaxTable};
pub use totals::{CartTotals, LineTotals, PricedLine, cart_totals};

/// Every code that the checks of [`TaxTable`] and [`ShippingZones`] answer with.
pub const FAULT_CODES: &[&str] =
    &["currency_mismatch", "duplicate", "invalid_price", "out_of_range", "required", "too_many", "unknown_region"];
