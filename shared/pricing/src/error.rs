//! Why something has no price.

use kernel::{CountryCode, MoneyError, Sku, Slug};

use crate::TaxClass;

/// Why a cart or a quote cannot be calculated, in words for the shopper.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    /// There is nothing to price.
    #[error("The cart is empty.")]
    EmptyCart,
    /// The price of a line is negative or beyond the bound.
    #[error("The price of {0} cannot be calculated with.")]
    Price(Sku),
    /// No tax rate is set for the destination.
    #[error("No {tax_class} tax rate is set for {country}, so nothing can be sold there yet.")]
    NoTaxRate {
        /// Destination.
        country: CountryCode,
        /// The class that has no rate there.
        tax_class: TaxClass,
    },
    /// No shipping zone contains the destination.
    #[error("Nothing is shipped to {country}.")]
    ShippingUnavailable {
        /// Destination.
        country: CountryCode,
    },
    /// The destination has no such shipping method.
    #[error("There is no shipping method {0} for this destination.")]
    UnknownShippingMethod(Slug),
    /// The goods are heavier than the method, or any method, carries.
    #[error("The goods weigh {weight_grams} g, more than can be shipped this way.")]
    TooHeavy {
        /// Weight of all goods.
        weight_grams: u64,
    },
    /// Amounts in two currencies, or beyond what can be counted.
    #[error("The total cannot be calculated: {0}.")]
    Money(#[from] MoneyError),
}

impl QuoteError {
    /// Every code that [`code`](Self::code) answers with.
    pub const CODES: &[&str] = &[
        "cart_empty",
        "price_out_of_range",
        "no_tax_rate",
        "shipping_unavailable",
        "unknown_shipping_method",
        "too_heavy",
        "amount_out_of_range",
    ];

    /// The stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmptyCart => "cart_empty",
            Self::Price(_) => "price_out_of_range",
            Self::NoTaxRate { .. } => "no_tax_rate",
            Self::ShippingUnavailable { .. } => "shipping_unavailable",
            Self::UnknownShippingMethod(_) => "unknown_shipping_method",
            Self::TooHeavy { .. } => "too_heavy",
            Self::Money(_) => "amount_out_of_range",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_a_code_of_its_own_that_is_listed() {
        let country = CountryCode::parse("DE").unwrap();
        let reasons = [
            QuoteError::EmptyCart,
            QuoteError::Price(Sku::parse("LAMP").unwrap()),
            QuoteError::NoTaxRate { country, tax_class: TaxClass::Standard },
            QuoteError::ShippingUnavailable { country },
            QuoteError::UnknownShippingMethod(Slug::parse("express").unwrap()),
            QuoteError::TooHeavy { weight_grams: 1 },
            QuoteError::Money(MoneyError::Overflow),
        ];
        assert_eq!(reasons.map(|reason| reason.code()), QuoteError::CODES);
    }
}
