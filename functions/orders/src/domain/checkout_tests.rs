use std::collections::BTreeMap;

use kernel::{Quantity, Sku, Slug};
use pricing::{Quote, QuoteError};

use super::samples::{address, cart, eur, offer, offers, settings, sku};
use super::*;

fn priced(method: Option<&str>, inclusive: bool) -> Quote {
    let method: Option<Slug> = method.map(|method| method.parse().unwrap());
    let offers = offers([offer("A", 1000, 5)]);
    Draft::price(&cart(&[("A", 2)]), &offers, &settings(inclusive), address(), method.as_ref()).unwrap().quote
}

#[test]
fn the_cheapest_way_is_priced_unless_another_is_chosen() {
    assert_eq!(priced(None, true).total, eur(2490));
    assert_eq!(priced(Some("express"), true).total, eur(2990));
}

#[test]
fn tax_is_contained_in_inclusive_prices_and_added_to_others() {
    let inclusive = priced(None, true);
    assert_eq!((inclusive.total, inclusive.tax), (eur(2490), eur(319 + 78)));
    let exclusive = priced(None, false);
    assert_eq!((exclusive.total, exclusive.tax), (eur(2490 + 473), eur(380 + 93)));
}

#[test]
fn a_line_is_a_snapshot_of_the_offer_at_today_s_price() {
    let offers = offers([offer("A", 1250, 5)]);
    let draft = Draft::price(&cart(&[("A", 2)]), &offers, &settings(true), address(), None).unwrap();
    let line = &draft.lines[0];
    assert_eq!((line.unit_price, line.line_total), (eur(1250), eur(2500)));
    assert_eq!((line.title.as_str(), &line.options["size"]), ("Product A", &"M".to_owned()));
    assert_eq!(line.image.as_ref().unwrap().alt, "A picture");
}

#[test]
fn all_products_that_are_no_longer_for_sale_are_named() {
    let hidden = catalog::interface::Offer { for_sale: false, ..offer("B", 1000, 5) };
    let offers = offers([offer("A", 1000, 5), hidden]);
    let refused = Draft::price(&cart(&[("A", 1), ("B", 1), ("C", 1)]), &offers, &settings(true), address(), None);
    assert_eq!(refused, Err(CheckoutError::NotForSale(vec![sku("B"), sku("C")])));
}

#[test]
fn all_products_of_which_there_is_too_little_are_named() {
    let stocked = |offers: &BTreeMap<Sku, catalog::interface::Offer>| {
        Draft::price(&cart(&[("A", 2), ("B", 2)]), offers, &settings(true), address(), None)
            .unwrap()
            .check_stock(offers)
    };
    assert_eq!(stocked(&offers([offer("A", 1000, 2), offer("B", 1000, 3)])), Ok(()));
    let shortage = Shortage { sku: sku("A"), wanted: Quantity::new(2).unwrap(), available: 1 };
    let refused = stocked(&offers([offer("A", 1000, 1), offer("B", 1000, 3)]));
    assert_eq!(refused, Err(CheckoutError::OutOfStock(vec![shortage])));
}

#[test]
fn a_shop_without_rates_or_zones_sells_nothing() {
    let offers = offers([offer("A", 1000, 5)]);
    let refused =
        |settings: &Settings| Draft::price(&cart(&[("A", 1)]), &offers, settings, address(), None).unwrap_err();
    let mut untaxed = settings(true);
    untaxed.taxes.rates.clear();
    assert!(matches!(refused(&untaxed), CheckoutError::Price(QuoteError::NoTaxRate { .. })));
    let mut unshipped = settings(true);
    unshipped.zones.zones.clear();
    assert!(matches!(refused(&unshipped), CheckoutError::Price(QuoteError::ShippingUnavailable { .. })));
}
