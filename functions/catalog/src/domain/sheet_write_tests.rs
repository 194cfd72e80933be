use std::collections::{BTreeMap, BTreeSet};

use kernel::{Currency, ImportId, Sku, Ulid};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::import_plan::{Importing, Plan};
use crate::domain::sheet_rows::{Group, Place, groups};
use crate::domain::{Edit, StoredOffer, edit};
use crate::fixtures;

/// The rows of a product, read again.
fn group(stored: &Stored) -> Group {
    let bytes = product_rows(stored, "tea");
    let mut groups = groups(&bytes, Place { byte: 0, line: 2 }, true, &Header::whole());
    assert_eq!(groups.len(), 1);
    groups.remove(0)
}

/// What an import does of the rows of `exported` where the product is `stored`, or is not there.
fn imported(exported: &Stored, stored: Option<&Stored>) -> Plan {
    let categories = BTreeMap::from([("tea".parse().unwrap(), exported.product.category_id)]);
    let importing = Importing {
        id: ImportId::new(Ulid(1)),
        header: &Header::whole(),
        repeated: &BTreeSet::new(),
        categories: &categories,
        currency: Currency::EUR,
        moment: fixtures::moment(),
    };
    importing.plan(&group(exported), stored, &BTreeSet::new())
}

/// What is read after a new product was written and its stock counted.
fn stored_after(plan: Plan) -> Stored {
    let Edit { product, variants, .. } = plan.edit.unwrap();
    let counted = |sku: &Sku| {
        let row = plan.rows.iter().find(|row| row.sku == *sku);
        row.and_then(|row| row.count).map_or(0, |count| count.counted)
    };
    let offers = variants.into_iter().map(|offer| {
        let units = counted(&offer.sku);
        StoredOffer { offer: Offer { on_hand: units, available: units, ..offer }, version: 1 }
    });
    Stored { product, version: 1, offers: offers.collect() }
}

#[test]
fn the_first_row_names_the_columns_and_each_other_one_a_variant() {
    let names = String::from_utf8(header()).unwrap();
    assert!(names.starts_with("slug,title,description,category,") && names.ends_with(",weight_grams,stock\n"));
    let stored = fixtures::stored(fixtures::new_product(fixtures::tea_in_sizes(2)));
    let rows = String::from_utf8(product_rows(&stored, "tea")).unwrap();
    assert_eq!(
        rows.lines().collect::<Vec<_>>(),
        [
            "darjeeling,Darjeeling,First flush.,tea,active,black,reduced,,Size=10 g|20 g,10 g,,,,,,,,,TEA-10,,5.00,,0,0",
            "darjeeling,,,,,,,,,20 g,,,,,,,,,TEA-20,,5.00,,0,0",
        ]
    );
}

/// Text with all that means something in a cell.
fn label() -> impl Strategy<Value = String> {
    r#"[a-z=|\\",;é]([ a-z=|\\",']{0,8}[a-z"])?"#
}

fn labels(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(label(), 1..=most).prop_map(|labels| labels.into_iter().rev().collect())
}

/// A product of any kind: options with values that nobody has, variants with titles of their own, prices and stock.
fn product() -> impl Strategy<Value = Stored> {
    let options = prop::collection::btree_map(label(), labels(4), 0..3);
    let description = r#"([a-z"][ a-z",\n]{0,20}[a-z])?"#;
    let attributes = prop::collection::btree_map(label(), label(), 0..4);
    let variants = prop::collection::vec((any::<[prop::sample::Index; 3]>(), 0..10_000_i64, 0..200_i64, label()), 1..6);
    (label(), description, labels(3), attributes, options, variants).prop_map(
        |(title, description, tags, attributes, options, variants)| {
            let options: Vec<(String, Vec<String>)> = options.into_iter().rev().collect();
            let mut rows: Vec<Value> = Vec::new();
            for (number, (chosen, price, stock, title)) in variants.into_iter().enumerate() {
                let values: BTreeMap<&String, &String> =
                    options.iter().zip(&chosen).map(|((name, values), index)| (name, index.get(values))).collect();
                if rows.iter().any(|row| row["options"] == json!(values)) {
                    continue;
                }
                let money = |amount: i64| json!({ "amount": amount, "currency": "EUR" });
                let mut row = json!({
                    "sku": format!("S-{number}"), "options": values, "price": money(price), "weight_grams": stock,
                });
                if stock % 2 == 0 {
                    row["title"] = json!(title);
                    row["compare_at_price"] = money(price + 1);
                }
                rows.push(row);
            }
            let options: Vec<Value> =
                options.iter().map(|(name, values)| json!({ "name": name, "values": values })).collect();
            let body = json!({
                "slug": "thing", "title": title, "description": description, "category_id": fixtures::category_id(),
                "status": "archived", "tags": tags, "attributes": attributes, "tax_class": "zero", "options": options,
                "variants": rows,
            });
            let mut stored = fixtures::stored(fixtures::new_product(body));
            for (number, StoredOffer { offer, .. }) in (0..).zip(&mut stored.offers) {
                (offer.on_hand, offer.available) = (number * 3, number * 3);
            }
            stored
        },
    )
}

proptest! {
    #[test]
    fn what_is_exported_changes_nothing_where_it_comes_from(stored in product()) {
        let plan = imported(&stored, Some(&stored));
        prop_assert_eq!(plan.refused, vec![]);
        prop_assert_eq!(plan.edit, None);
        prop_assert!(plan.rows.iter().all(|row| row.count.is_none()));
    }

    #[test]
    fn what_is_exported_is_the_same_product_where_there_was_none(stored in product()) {
        let plan = imported(&stored, None);
        prop_assert_eq!(&plan.refused, &vec![]);
        let copy = stored_after(plan);
        prop_assert_eq!(copy.input(), stored.input());
        prop_assert_eq!(product_rows(&copy, "tea"), product_rows(&stored, "tea"));
        let nothing = edit::apply(&copy, stored.input(), Currency::EUR, fixtures::moment()).unwrap();
        prop_assert!(nothing.is_nothing());
    }
}
