//! Why a cart is not ordered, as the API says it.

use api::{Code, Problem};
use kernel::Sku;
use pricing::QuoteError;

use crate::domain::CheckoutError;

const COUNTRY: &str = "/shipping_address/country";
const METHOD: &str = "/shipping_method";

impl From<CheckoutError> for Problem {
    fn from(error: CheckoutError) -> Self {
        let detail = error.to_string();
        match error {
            CheckoutError::NotForSale(skus) => Problem::detailed(Code::NotForSale, detail).with("skus", skus),
            CheckoutError::OutOfStock(shortages) => {
                let skus: Vec<&Sku> = shortages.iter().map(|shortage| &shortage.sku).collect();
                Problem::detailed(Code::OutOfStock, detail).with("skus", skus).with("lines", &shortages)
            }
            CheckoutError::Price(error) => no_price(&error, detail),
        }
    }
}

fn no_price(error: &QuoteError, detail: String) -> Problem {
    match error {
        QuoteError::EmptyCart => Problem::detailed(Code::CartEmpty, detail),
        QuoteError::NoTaxRate { .. } => Problem::detailed(Code::TaxRateMissing, detail).at(COUNTRY),
        QuoteError::ShippingUnavailable { .. } => Problem::detailed(Code::ShippingUnavailable, detail).at(COUNTRY),
        QuoteError::UnknownShippingMethod(_) => Problem::detailed(Code::ShippingMethodUnknown, detail).at(METHOD),
        QuoteError::TooHeavy { .. } => Problem::detailed(Code::ShippingUnavailable, detail),
        QuoteError::Price(_) | QuoteError::Money(_) => Problem::detailed(Code::AmountTooLarge, detail),
    }
}
