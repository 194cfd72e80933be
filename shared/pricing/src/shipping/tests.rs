use kernel::Currency;

use super::*;

fn eur(amount: i64) -> Money {
    Money::new(amount, Currency::EUR)
}

fn country(code: &str) -> CountryCode {
    CountryCode::parse(code).unwrap()
}

fn method(id: &str, price: i64, max_weight_grams: Option<u32>) -> ShippingMethod {
    ShippingMethod {
        id: Slug::parse(id).unwrap(),
        title: Text::parse(id).unwrap(),
        price: eur(price),
        free_from: None,
        min_days: 2,
        max_days: 4,
        max_weight_grams,
    }
}

fn zones(methods: Vec<ShippingMethod>) -> ShippingZones {
    let (id, title) = (Slug::parse("home").unwrap(), Text::parse("Home").unwrap());
    ShippingZones { zones: vec![ShippingZone { id, title, countries: vec![country("DE")], methods }] }
}

fn options(zones: &ShippingZones, goods: i64, weight: u64) -> Result<Vec<(String, i64)>, QuoteError> {
    let options = zones.options(country("DE"), eur(goods), weight)?;
    Ok(options.into_iter().map(|option| (option.id.to_string(), option.price.amount)).collect())
}

#[test]
fn the_cheapest_way_comes_first() {
    let zones = zones(vec![method("express", 990, None), method("standard", 490, None)]);
    let told = options(&zones, 1000, 1).unwrap();
    assert_eq!(told, [("standard".to_owned(), 490), ("express".to_owned(), 990)]);
}

#[test]
fn shipping_is_free_from_its_threshold_on() {
    let zones = zones(vec![ShippingMethod { free_from: Some(eur(5000)), ..method("standard", 490, None) }]);
    let price = |goods| options(&zones, goods, 1).unwrap()[0].1;
    assert_eq!([price(4999), price(5000)], [490, 0]);
}

#[test]
fn heavy_goods_are_not_offered_light_parcels() {
    let zones = zones(vec![method("letter", 100, Some(500)), method("parcel", 490, Some(2000))]);
    assert_eq!(options(&zones, 1, 500).unwrap().len(), 2);
    assert_eq!(options(&zones, 1, 501).unwrap(), [("parcel".to_owned(), 490)]);
    assert_eq!(options(&zones, 1, 2001), Err(QuoteError::TooHeavy { weight_grams: 2001 }));
    let letter = Slug::parse("letter").unwrap();
    assert_eq!(zones.why_not(country("DE"), &letter, 501), QuoteError::TooHeavy { weight_grams: 501 });
}

#[test]
fn a_country_without_a_zone_is_not_shipped_to() {
    assert_eq!(zones(Vec::new()).countries().into_iter().collect::<Vec<_>>(), [country("DE")]);
    let refused = zones(vec![method("standard", 490, None)]).options(country("FR"), eur(1), 1);
    assert_eq!(refused, Err(QuoteError::ShippingUnavailable { country: country("FR") }));
}

#[test]
fn all_faults_of_the_zones_are_told_at_once() {
    let late = ShippingMethod { min_days: 9, ..method("standard", -1, None) };
    let foreign = ShippingMethod { free_from: Some(Money::new(1, Currency::USD)), ..method("express", 1, None) };
    let mut zones = zones(vec![method("standard", 490, None), late, foreign]);
    let again = ShippingZone { methods: vec![], ..zones.zones[0].clone() };
    zones.zones.push(again);
    let faults = zones.check(Currency::EUR).unwrap_err();
    let told: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
    assert_eq!(
        told,
        [
            ("/zones/0/methods/1/id", "duplicate"),
            ("/zones/0/methods/1/price", "invalid_price"),
            ("/zones/0/methods/1/min_days", "out_of_range"),
            ("/zones/0/methods/2/free_from", "currency_mismatch"),
            ("/zones/1/id", "duplicate"),
            ("/zones/1/countries/0", "duplicate"),
            ("/zones/1/methods", "required"),
        ]
    );
}

#[test]
fn sound_zones_pass() {
    assert_eq!(zones(vec![method("standard", 0, None)]).check(Currency::EUR), Ok(()));
}

#[test]
fn a_shop_has_so_many_zones_and_a_zone_so_many_methods_and_days_as_are_allowed_and_no_more() {
    let empty = |n: usize| ShippingZone {
        id: Slug::parse(&format!("zone-{n}")).unwrap(),
        title: Text::parse("Zone").unwrap(),
        countries: Vec::new(),
        methods: Vec::new(),
    };
    let told = |zones: ShippingZones| {
        let faults = zones.check(Currency::EUR).err().unwrap_or_default();
        faults.into_iter().map(|fault| fault.code).filter(|code| ["too_many", "out_of_range"].contains(code)).count()
    };
    let of_zones = |count| told(ShippingZones { zones: (0..count).map(empty).collect() });
    assert_eq!([of_zones(50), of_zones(51)], [0, 1]);
    let of_methods = |count: usize| told(zones((0..count).map(|n| method(&format!("way-{n}"), 490, None)).collect()));
    assert_eq!([of_methods(20), of_methods(21)], [0, 1]);
    let of_days = |max_days| told(zones(vec![ShippingMethod { max_days, ..method("slow", 490, None) }]));
    assert_eq!([of_days(2), of_days(365), of_days(366)], [0, 0, 1]);
}
