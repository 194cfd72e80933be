//! Where the shop ships to, how, and for how much, as staff set it.

use std::collections::BTreeSet;

use kernel::{CountryCode, Money, MoneyError, Slug, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::QuoteError;

mod check;

/// One way of shipping within a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShippingMethod {
    /// Name for programs, unique within the zone, such as `standard`.
    pub id: Slug,
    /// Name for people.
    pub title: Text<1, 80>,
    /// Price of a parcel, as shown in the shop.
    pub price: Money,
    /// Goods of this value or more are shipped for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_from: Option<Money>,
    /// Fewest days until delivery.
    #[schemars(range(min = 0, max = 365))]
    pub min_days: u32,
    /// Most days until delivery.
    #[schemars(range(min = 0, max = 365))]
    pub max_days: u32,
    /// Heavier goods are not shipped this way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_weight_grams: Option<u32>,
}

impl ShippingMethod {
    fn carries(&self, weight_grams: u64) -> bool {
        self.max_weight_grams.is_none_or(|most| weight_grams <= u64::from(most))
    }

    fn price_for(&self, goods: Money) -> Result<Money, QuoteError> {
        goods.checked_cmp(self.price)?;
        let price = self.price.as_price().map_err(|_| MoneyError::Overflow)?;
        let free = match self.free_from {
            Some(free_from) => goods.checked_cmp(free_from)?.is_ge(),
            None => false,
        };
        Ok(if free { Money::zero(price.currency) } else { price })
    }
}

/// Countries that are shipped to alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShippingZone {
    /// Name for programs, unique within the shop.
    pub id: Slug,
    /// Name for people.
    pub title: Text<1, 80>,
    /// The countries; each is in one zone at most.
    #[schemars(length(min = 1, max = 249))]
    pub countries: Vec<CountryCode>,
    /// The ways of shipping there.
    #[schemars(length(min = 1, max = 20))]
    pub methods: Vec<ShippingMethod>,
}

/// All shipping zones of the shop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShippingZones {
    /// The zones.
    #[schemars(length(max = 50))]
    pub zones: Vec<ShippingZone>,
}

/// A way of shipping that a shopper can choose, at the price for this cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShippingOption {
    /// What to send as `shipping_method`.
    pub id: Slug,
    /// Name for people.
    pub title: Text<1, 80>,
    /// Price for this cart; zero if its value earns it.
    pub price: Money,
    /// Fewest days until delivery.
    pub min_days: u32,
    /// Most days until delivery.
    pub max_days: u32,
}

impl ShippingZones {
    /// All countries that are shipped to, by code.
    pub fn countries(&self) -> BTreeSet<CountryCode> {
        self.zones.iter().flat_map(|zone| zone.countries.iter().copied()).collect()
    }

    /// The ways to ship goods of this value and weight to a country, the cheapest first, then the fastest.
    pub fn options(
        &self,
        country: CountryCode,
        goods: Money,
        weight_grams: u64,
    ) -> Result<Vec<ShippingOption>, QuoteError> {
        let mut options = self
            .zone(country)?
            .methods
            .iter()
            .filter(|method| method.carries(weight_grams))
            .map(|method| {
                Ok(ShippingOption {
                    id: method.id.clone(),
                    title: method.title.clone(),
                    price: method.price_for(goods)?,
                    min_days: method.min_days,
                    max_days: method.max_days,
                })
            })
            .collect::<Result<Vec<_>, QuoteError>>()?;
        if options.is_empty() {
            return Err(QuoteError::TooHeavy { weight_grams });
        }
        options.sort_by(|a, b| {
            let key = |option: &ShippingOption| (option.price.amount, option.max_days, option.min_days);
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        Ok(options)
    }

    /// Why a method is not among the options: the zone has none of that name, or it carries less.
    pub(crate) fn why_not(&self, country: CountryCode, method: &Slug, weight_grams: u64) -> QuoteError {
        match self.zone(country) {
            Err(unavailable) => unavailable,
            Ok(zone) if zone.methods.iter().any(|known| known.id == *method) => QuoteError::TooHeavy { weight_grams },
            Ok(_) => QuoteError::UnknownShippingMethod(method.clone()),
        }
    }

    fn zone(&self, country: CountryCode) -> Result<&ShippingZone, QuoteError> {
        self.zones
            .iter()
            .find(|zone| zone.countries.contains(&country) && !zone.methods.is_empty())
            .ok_or(QuoteError::ShippingUnavailable { country })
    }
}

#[cfg(test)]
mod tests;
