//! Why a cart is not ordered, as the API says it.

use api::{Code, Problem};
use kernel::{OrderId, Sku};
use pricing::QuoteError;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{CheckoutError, Shortage};

const COUNTRY: &str = "/shipping_address/country";
const METHOD: &str = "/shipping_method";

/// What comes with `cart_already_ordered`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CartAlreadyOrdered {
    /// What the cart became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
}

/// What comes with `out_of_stock`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OutOfStock {
    skus: Vec<Sku>,
    lines: Vec<Shortage>,
}

/// What comes with `not_for_sale`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NotForSale {
    skus: Vec<Sku>,
}

impl From<CheckoutError> for Problem {
    fn from(error: CheckoutError) -> Self {
        let detail = error.to_string();
        match error {
            CheckoutError::NotForSale(skus) => Problem::detailed(Code::NotForSale, detail).telling(NotForSale { skus }),
            CheckoutError::OutOfStock(lines) => {
                let skus = lines.iter().map(|shortage| shortage.sku.clone()).collect();
                Problem::detailed(Code::OutOfStock, detail).telling(OutOfStock { skus, lines })
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
