use kernel::Ulid;

use super::*;

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn euros(amount: i64) -> Money {
    Money::new(amount, Currency::EUR)
}

fn variant(sku: &str, options: &[(&str, &str)]) -> NewVariant {
    NewVariant {
        sku: Sku::parse(sku).unwrap(),
        title: None,
        options: options.iter().map(|(name, value)| (label(name), label(value))).collect(),
        price: euros(1999),
        compare_at_price: None,
        weight_grams: 250,
    }
}

/// A tea in two sizes.
fn tea() -> NewProduct {
    NewProduct {
        slug: Slug::parse("darjeeling").unwrap(),
        title: Title::parse("Darjeeling").unwrap(),
        description: no_description(),
        category_id: CategoryId::new(Ulid(1)),
        status: Status::Active,
        tags: vec![label("black")],
        tax_class: TaxClass::Reduced,
        options: vec![ProductOption { name: label("Size"), values: vec![label("100 g"), label("250 g")] }],
        variants: vec![variant("TEA-100", &[("Size", "100 g")]), variant("TEA-250", &[("Size", "250 g")])],
    }
}

fn faults(product: &NewProduct) -> Vec<(String, &'static str)> {
    let faults = product.check(Currency::EUR).err().unwrap_or_default();
    faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn create(product: NewProduct) -> (Product, Vec<Offer>) {
    product.into_product(ProductId::new(Ulid(7)), vec![CategoryId::new(Ulid(1))], Timestamp::from_epoch_seconds(0))
}

/// Spoils the tea and names what is found wrong with it.
fn check(spoil: impl FnOnce(&mut NewProduct), expected: &[(&str, &str)]) {
    let mut product = tea();
    spoil(&mut product);
    let found = faults(&product);
    let found: Vec<(&str, &str)> = found.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect();
    assert_eq!(found, expected);
    assert!(expected.iter().all(|(_, code)| FAULT_CODES.contains(code)));
}

#[test]
fn a_sound_product_has_no_faults() {
    check(|_| {}, &[]);
    check(
        |product| {
            product.options.clear();
            product.variants = vec![variant("TEA", &[])];
        },
        &[],
    );
}

#[test]
fn a_product_needs_a_variant_and_has_at_most_fifty() {
    check(|product| product.variants.clear(), &[("/variants", "required")]);
    let mut many = tea();
    many.options[0].values = (0..51).map(|number| label(&number.to_string())).collect();
    many.variants = (0..51).map(|number| variant(&format!("TEA-{number}"), &[("Size", &number.to_string())])).collect();
    assert_eq!(faults(&many), [("/options/0/values".to_owned(), "too_many"), ("/variants".to_owned(), "too_many")]);
}

#[test]
fn a_variant_has_one_declared_value_for_each_option() {
    check(
        |product| product.variants[1] = variant("TEA-250", &[("Size", "1 kg")]),
        &[("/variants/1/options/Size", "option_mismatch")],
    );
    check(|product| product.variants[1] = variant("TEA-250", &[]), &[("/variants/1/options", "option_mismatch")]);
    check(
        |product| product.variants[1] = variant("TEA-250", &[("Size", "250 g"), ("A/B", "x")]),
        &[("/variants/1/options/A~1B", "option_mismatch")],
    );
}

#[test]
fn nothing_is_there_twice() {
    check(|product| product.variants[1].sku = product.variants[0].sku.clone(), &[("/variants/1/sku", "duplicate")]);
    check(
        |product| product.variants[1].options = product.variants[0].options.clone(),
        &[("/variants/1/options", "duplicate")],
    );
    check(|product| product.tags.push(label("black")), &[("/tags/1", "duplicate")]);
    check(|product| product.options[0].values.push(label("100 g")), &[("/options/0/values/2", "duplicate")]);
    check(|product| product.options.push(product.options[0].clone()), &[("/options/1/name", "duplicate")]);
}

#[test]
fn a_price_is_one_in_the_shops_currency() {
    check(
        |product| product.variants[0].price = Money::new(-1, Currency::USD),
        &[("/variants/0/price/amount", "invalid_price"), ("/variants/0/price/currency", "currency_mismatch")],
    );
    check(|product| product.variants[0].price = euros(i64::MAX), &[("/variants/0/price/amount", "invalid_price")]);
}

#[test]
fn a_reduction_starts_from_a_higher_price() {
    check(
        |product| product.variants[0].compare_at_price = Some(euros(1999)),
        &[("/variants/0/compare_at_price", "compare_at_too_low")],
    );
    check(|product| product.variants[0].compare_at_price = Some(euros(2000)), &[]);
}

#[test]
fn all_faults_are_found_at_once() {
    check(
        |product| {
            product.options[0].values.clear();
            product.variants.pop();
            product.variants[0].weight_grams = 1_000_001;
        },
        &[
            ("/options/0/values", "required"),
            ("/variants/0/weight_grams", "out_of_range"),
            ("/variants/0/options/Size", "option_mismatch"),
        ],
    );
}

#[test]
fn the_listing_shows_the_cheapest_variant() {
    let mut product = tea();
    product.variants[0].price = euros(900);
    product.variants[0].compare_at_price = Some(euros(1200));
    let (product, _) = create(product);
    let listing = product.listing();
    assert_eq!((listing.price_from, listing.compare_at_from, listing.in_stock), (euros(900), Some(euros(1200)), false));
}

#[test]
fn offers_repeat_what_an_order_needs_of_the_product() {
    let (product, offers) = create(tea());
    let offer = &offers[1];
    assert_eq!((offer.position, offer.title.as_str(), offer.variant_title.as_str()), (1, "Darjeeling", "250 g"));
    assert_eq!((offer.tax_class, offer.for_sale, offer.product_id), (TaxClass::Reduced, true, product.id));
    assert_eq!(offer.stock(), crate::domain::Stock::NONE);
    assert_eq!(product.skus, offers.iter().map(|offer| offer.sku.clone()).collect::<Vec<_>>());
}

#[test]
fn a_draft_is_not_for_sale() {
    let (product, offers) = create(NewProduct { status: Status::Draft, ..tea() });
    assert!(!product.is_listed() && offers.iter().all(|offer| !offer.for_sale));
}
