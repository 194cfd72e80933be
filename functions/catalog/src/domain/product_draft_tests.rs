use serde_json::json;

use super::*;
use crate::fixtures;

fn told(found: Result<(), Vec<Fault>>) -> Vec<(String, &'static str)> {
    found.err().unwrap_or_default().into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn draft(body: Value) -> ProductDraft {
    serde_json::from_value(body).unwrap()
}

/// What is wrong with a tea in three sizes once it is spoiled, as far as it can be read.
fn spoiled(spoil: impl FnOnce(&mut Value)) -> Vec<(String, &'static str)> {
    let mut body = fixtures::tea_in_sizes(3);
    spoil(&mut body);
    told(draft(body).check(Currency::EUR))
}

#[test]
fn what_cannot_be_read_does_not_hide_what_is_wrong_beside_it() {
    let found = spoiled(|tea| {
        tea["slug"] = json!("Not A Slug");
        tea["images"] = json!("none");
        tea["tags"] = json!(["black", "black"]);
        tea["variants"][0]["sku"] = json!(7);
        tea["variants"][0]["price"]["amount"] = json!(-1);
        tea["variants"][1] = json!("20 g");
        tea["variants"][2]["weight_grams"] = json!(1_000_001);
        tea["variants"][2]["options"]["Size"] = json!("1 kg");
    });
    let expected = [
        ("/tags/1", "duplicate"),
        ("/variants/0/price/amount", "invalid_price"),
        ("/variants/2/weight_grams", "out_of_range"),
        ("/variants/2/options/Size", "option_mismatch"),
    ];
    assert_eq!(found, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
}

#[test]
fn nothing_is_told_that_may_be_right_once_the_rest_can_be_read() {
    let unread: [fn(&mut Value); 7] = [
        |tea| tea["options"][0]["values"][0] = json!(7),
        |tea| tea["options"] = json!([{ "name": "Size" }]),
        |tea| tea["tags"] = json!(["black", 7, "black"]),
        |tea| tea["variants"] = json!({}),
        |tea| tea["variants"][0]["options"]["Size"] = json!(""),
        |tea| {
            tea["variants"][0]["price"]["amount"] = json!("5.00");
            tea["variants"][0]["compare_at_price"] = json!({ "amount": 1, "currency": "EUR" });
        },
        |tea| {
            tea["variants"][0]["sku"] = json!("?");
            tea["variants"][1]["sku"] = json!("?");
        },
    ];
    for (number, spoil) in unread.into_iter().enumerate() {
        let found = spoiled(spoil);
        assert!(found.is_empty(), "{number}: {found:?}");
    }
}

#[test]
fn a_new_product_has_the_options_that_it_names_and_a_changed_one_those_that_are_stored() {
    let mut body = fixtures::tea_in_sizes(1);
    body.as_object_mut().unwrap().remove("options");
    let mismatch = ("/variants/0/options/Size".to_owned(), "option_mismatch");
    assert_eq!(told(draft(body.clone()).check(Currency::EUR)), [mismatch]);
    assert!(draft(body).of_a_change().check(Currency::EUR).is_ok());
    let mut named = fixtures::tea_in_sizes(1);
    named["options"] = json!([{ "name": "Size", "values": [] }]);
    let found = told(draft(named).of_a_change().check(Currency::EUR));
    assert_eq!(found.len(), 2, "{found:?}");
}
