//! What staff may set.

use std::collections::HashSet;

use kernel::{Currency, Fault, Faults, Money};

use super::{ShippingMethod, ShippingZones};

const MAX_ZONES: usize = 50;
const MAX_METHODS: usize = 20;
const MAX_DAYS: u32 = 365;

impl ShippingZones {
    /// Checks the zones and answers all faults at once, with pointers such as `/zones/0/methods/1/price`.
    pub fn check(&self, currency: Currency) -> Result<(), Vec<Fault>> {
        let mut faults = Faults::new();
        if self.zones.len() > MAX_ZONES {
            faults.push("/zones", "too_many", format!("A shop has at most {MAX_ZONES} zones."));
        }
        let mut ids = HashSet::new();
        let mut countries = HashSet::new();
        for (index, zone) in self.zones.iter().enumerate() {
            let at = format!("/zones/{index}");
            if !ids.insert(&zone.id) {
                faults.push(format!("{at}/id"), "duplicate", "An earlier zone has the same id.");
            }
            if zone.countries.is_empty() {
                faults.push(format!("{at}/countries"), "required", "A zone has at least one country.");
            }
            for (place, country) in zone.countries.iter().enumerate() {
                if !countries.insert(country) {
                    faults.push(format!("{at}/countries/{place}"), "duplicate", "The country is already in a zone.");
                }
            }
            check_methods(&zone.methods, currency, &format!("{at}/methods"), &mut faults);
        }
        faults.into_result()
    }
}

fn check_methods(methods: &[ShippingMethod], currency: Currency, at: &str, faults: &mut Faults) {
    if methods.is_empty() {
        faults.push(at, "required", "A zone has at least one method.");
    }
    if methods.len() > MAX_METHODS {
        faults.push(at, "too_many", format!("A zone has at most {MAX_METHODS} methods."));
    }
    let mut ids = HashSet::new();
    for (index, method) in methods.iter().enumerate() {
        let at = format!("{at}/{index}");
        if !ids.insert(&method.id) {
            faults.push(format!("{at}/id"), "duplicate", "An earlier method of the zone has the same id.");
        }
        check_price(method.price, currency, format!("{at}/price"), faults);
        if let Some(free_from) = method.free_from {
            check_price(free_from, currency, format!("{at}/free_from"), faults);
        }
        if method.max_days > MAX_DAYS {
            faults.push(format!("{at}/max_days"), "out_of_range", format!("Delivery takes at most {MAX_DAYS} days."));
        }
        if method.min_days > method.max_days {
            faults.push(format!("{at}/min_days"), "out_of_range", "The fewest days are not more than the most.");
        }
    }
}

fn check_price(price: Money, currency: Currency, at: String, faults: &mut Faults) {
    if price.currency != currency {
        faults.push(at.clone(), "currency_mismatch", format!("The shop's currency is {currency}."));
    }
    faults.check(at, price.as_price());
}
