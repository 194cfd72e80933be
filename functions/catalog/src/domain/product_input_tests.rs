use kernel::Ulid;

use super::*;

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn euros(amount: i64) -> Money {
    Money::new(amount, Currency::EUR)
}

fn variant(sku: &str, options: &[(&str, &str)]) -> VariantInput {
    VariantInput {
        sku: Sku::parse(sku).unwrap(),
        title: None,
        options: options.iter().map(|(name, value)| (label(name), label(value))).collect(),
        price: euros(1999),
        compare_at_price: None,
        weight_grams: 250,
    }
}

/// A tea in two sizes.
fn tea() -> ProductInput {
    ProductInput {
        slug: Slug::parse("darjeeling").unwrap(),
        title: Title::parse("Darjeeling").unwrap(),
        description: no_description(),
        category_id: CategoryId::new(Ulid(1)),
        status: Status::Active,
        tags: vec![label("black")],
        attributes: BTreeMap::from([(label("Origin"), label("India"))]),
        tax_class: TaxClass::Reduced,
        options: vec![ProductOption { name: label("Size"), values: vec![label("100 g"), label("250 g")] }],
        variants: vec![variant("TEA-100", &[("Size", "100 g")]), variant("TEA-250", &[("Size", "250 g")])],
        images: None,
    }
}

fn faults(product: &ProductInput) -> Vec<(String, &'static str)> {
    let faults = product.check(Currency::EUR).err().unwrap_or_default();
    faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

/// Spoils the tea and names what is found wrong with it.
fn check(spoil: impl FnOnce(&mut ProductInput), expected: &[(&str, &str)]) {
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
fn a_product_needs_a_variant_and_has_at_most_a_hundred() {
    check(|product| product.variants.clear(), &[("/variants", "required")]);
    let mut many = tea();
    many.options[0].values = (0..101).map(|number| label(&number.to_string())).collect();
    many.variants =
        (0..101).map(|number| variant(&format!("TEA-{number}"), &[("Size", &number.to_string())])).collect();
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
fn options_that_differ_only_in_capitals_are_one() {
    let mut product = tea();
    let option = product.options[0].clone();
    product.options.push(ProductOption { name: label(&option.name.as_str().to_uppercase()), ..option });
    assert!(faults(&product).contains(&("/options/1/name".to_owned(), "duplicate")));
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
fn a_hundred_variants_of_one_option_are_fine() {
    let mut many = tea();
    many.options[0].values = (0..100).map(|number| label(&number.to_string())).collect();
    many.variants =
        (0..100).map(|number| variant(&format!("TEA-{number}"), &[("Size", &number.to_string())])).collect();
    assert!(faults(&many).is_empty());
}

#[test]
fn a_product_has_at_most_thirty_attributes() {
    let facts = |count: usize| (0..count).map(|number| (label(&number.to_string()), label("x"))).collect();
    check(|product| product.attributes = facts(31), &[("/attributes", "too_many")]);
    check(|product| product.attributes = facts(30), &[]);
}
