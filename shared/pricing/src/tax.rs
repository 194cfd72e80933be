//! The shop's tax rates, as staff set them.

use std::collections::HashSet;
use std::fmt;

use kernel::{CountryCode, Fault, Faults, Money, MoneyError, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const MAX_RATES: usize = 500;
const WHOLE_BPS: u32 = 10_000;

/// Which of a country's rates a product is taxed at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaxClass {
    /// Most goods.
    #[default]
    Standard,
    /// Such as food or books.
    Reduced,
    /// A second reduced rate, where a country has one.
    SuperReduced,
    /// Goods that are not taxed.
    Zero,
}

impl fmt::Display for TaxClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Standard => "standard",
            Self::Reduced => "reduced",
            Self::SuperReduced => "super_reduced",
            Self::Zero => "zero",
        })
    }
}

/// The rate of one class in one country or region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    /// Destination.
    pub country: CountryCode,
    /// State or province; a rate with a region beats the country's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Text<1, 100>>,
    /// Which goods.
    pub tax_class: TaxClass,
    /// What the tax is called on the bill, such as "VAT 19%".
    pub title: Text<1, 80>,
    /// Hundredths of a percent: 1900 is 19 %.
    #[schemars(range(min = 0, max = 10_000))]
    pub rate_bps: u32,
}

/// All tax rates of the shop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxTable {
    /// True if the prices in the shop contain tax.
    pub prices_include_tax: bool,
    /// The rates; one per country, region and class.
    #[schemars(length(max = 500))]
    pub rates: Vec<TaxRate>,
}

impl TaxTable {
    /// The rate for goods sent to a destination: the region's, else the country's.
    pub fn rate(&self, country: CountryCode, region: Option<&str>, tax_class: TaxClass) -> Option<&TaxRate> {
        let fits = |rate: &&TaxRate| rate.country == country && rate.tax_class == tax_class;
        let of_region = |rate: &&TaxRate| match (&rate.region, region) {
            (Some(own), Some(asked)) => same_region(own.as_str(), asked),
            _ => false,
        };
        let of_country = |rate: &&TaxRate| rate.region.is_none();
        self.rates.iter().filter(fits).find(of_region).or_else(|| self.rates.iter().filter(fits).find(of_country))
    }

    /// The tax on `net`: contained in it if prices include tax, on top of it if not.
    pub(crate) fn tax_on(&self, net: Money, rate: &TaxRate) -> Result<Money, MoneyError> {
        let bps = i64::from(rate.rate_bps);
        let whole = i64::from(WHOLE_BPS);
        net.ratio(bps, if self.prices_include_tax { whole + bps } else { whole })
    }

    /// Checks the table and answers all faults at once, with pointers such as `/rates/3/rate_bps`.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        let mut faults = Faults::new();
        if self.rates.len() > MAX_RATES {
            faults.push("/rates", "too_many", format!("A shop has at most {MAX_RATES} rates."));
        }
        let mut seen = HashSet::new();
        for (index, rate) in self.rates.iter().enumerate() {
            let region = rate.region.as_ref().map(|region| region.as_str().to_lowercase());
            if !seen.insert((rate.country, region, rate.tax_class)) {
                let detail = "An earlier rate has the same country, region and tax class.";
                faults.push(format!("/rates/{index}"), "duplicate", detail);
            }
            if rate.rate_bps > WHOLE_BPS {
                let detail = "A rate is from 0 to 10000 hundredths of a percent.";
                faults.push(format!("/rates/{index}/rate_bps"), "out_of_range", detail);
            }
            let known = |region: &Text<1, 100>| rate.country.address_rules().region(region.as_str()).is_some();
            if !rate.region.as_ref().is_none_or(known) {
                let detail = "The country has no region with this code.";
                faults.push(format!("/rates/{index}/region"), "unknown_region", detail);
            }
        }
        faults.into_result()
    }
}

fn same_region(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(country: &str, region: Option<&str>, rate_bps: u32) -> TaxRate {
        TaxRate {
            country: CountryCode::parse(country).unwrap(),
            region: region.map(|region| Text::parse(region).unwrap()),
            tax_class: TaxClass::Standard,
            title: Text::parse("Tax").unwrap(),
            rate_bps,
        }
    }

    fn table(rates: Vec<TaxRate>) -> TaxTable {
        TaxTable { prices_include_tax: false, rates }
    }

    #[test]
    fn a_tax_class_is_told_under_the_name_that_a_product_has() {
        for class in [TaxClass::Standard, TaxClass::Reduced, TaxClass::SuperReduced, TaxClass::Zero] {
            assert_eq!(serde_json::to_value(class).unwrap(), class.to_string());
        }
    }

    #[test]
    fn a_region_has_its_own_rate_before_the_countrys() {
        let table = table(vec![rate("US", None, 0), rate("US", Some("CA"), 725)]);
        let us = CountryCode::parse("US").unwrap();
        let found = |region| table.rate(us, region, TaxClass::Standard).map(|rate| rate.rate_bps);
        assert_eq!([found(Some("ca")), found(Some("OR")), found(None)], [Some(725), Some(0), Some(0)]);
        assert_eq!(table.rate(us, None, TaxClass::Reduced), None);
    }

    #[test]
    fn a_rate_of_one_region_is_not_another_regions() {
        let table = table(vec![rate("US", Some("CA"), 725)]);
        assert_eq!(table.rate(CountryCode::parse("US").unwrap(), Some("NY"), TaxClass::Standard), None);
    }

    #[test]
    fn a_table_takes_just_so_many_rates_and_a_rate_all_that_there_is() {
        let rates = |count: usize| {
            let regions = (0..count).map(|n| rate("DE", Some(&format!("Region {n}")), 10_000));
            table(regions.collect()).check()
        };
        assert_eq!(rates(MAX_RATES), Ok(()));
        assert_eq!(rates(MAX_RATES + 1).unwrap_err()[0].code, "too_many");
    }

    #[test]
    fn all_faults_of_a_table_are_told_at_once() {
        let table =
            table(vec![rate("US", Some("CA"), 725), rate("US", Some("ca"), 800), rate("US", Some("Atlantis"), 10_001)]);
        let faults = table.check().unwrap_err();
        let told: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(
            told,
            [("/rates/1", "duplicate"), ("/rates/2/rate_bps", "out_of_range"), ("/rates/2/region", "unknown_region"),]
        );
    }

    #[test]
    fn a_table_is_read_from_json() {
        let json = serde_json::json!({"prices_include_tax": true, "rates": [
            {"country": "DE", "tax_class": "super_reduced", "title": "MwSt", "rate_bps": 700},
        ]});
        let table: TaxTable = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(table.check(), Ok(()));
        assert_eq!(serde_json::to_value(table).unwrap(), json);
    }
}
