//! Products of more variants than one transaction writes, and what a large edit leaves when it dies on its way.

use std::collections::HashSet;

use api::Code;
use e2e::goods::product_body;
use e2e::operator::Table;
use e2e::products::{as_edited, by_admin, change, created, in_sizes, now, path, skus, stock_row};
use e2e::shop::{delete, eventually, get, post};
use e2e::unique;
use serde_json::{Value, json};

#[test]
fn a_product_has_a_hundred_variants() {
    let body = in_sizes(100);
    let product = created(&body);
    assert_eq!(skus(&product).len(), 100);
    let id = product["id"].as_str().unwrap();
    eventually("all variants to be seen", || {
        let shown = get(&format!("/products/{id}")).send();
        (shown.status == 200 && skus(&shown.json()) == skus(&product)).then_some(())
    });
    assert_eq!(Table::of("catalog").get(&format!("PRODUCT#{id}"), "PENDING"), None, "nothing is left to be done");

    let renamed = change(&product, &json!({ "title": "Lamp in many sizes", "tax_class": "reduced" })).expect(200);
    for sku in skus(&renamed) {
        let row = stock_row(&sku).unwrap();
        assert_eq!((&row["title"], &row["tax_class"]), (&json!("Lamp in many sizes"), &json!("reduced")), "{sku}");
        assert!(row["for_sale"] == json!(true) && row.get("retired").is_none(), "{row}");
    }
    let mut more = body["variants"][0].clone();
    more["sku"] = json!(format!("MORE-{}", unique()));
    let more = now(post(&format!("{}/variants", path(&product))), &product).json(&more).send();
    let faults: HashSet<String> = more.refused(Code::ValidationFailed)["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(faults, HashSet::from(["too_many".to_owned(), "duplicate".to_owned()]));

    assert_eq!(now(delete(&path(&product)), &product).send().status, 204);
    assert!(skus(&product).iter().all(|sku| stock_row(sku).is_none()));
    let _ = created(&body);
}

#[test]
fn of_a_hundred_new_skus_none_is_kept_when_one_is_taken() {
    let taken = created(&product_body(1999));
    for at in [0, 99] {
        let mut body = in_sizes(100);
        body["variants"][at]["sku"] = taken["variants"][0]["sku"].clone();
        let refused = by_admin(post("/admin/products")).json(&body).send().refused(Code::SkuTaken);
        assert_eq!(refused["errors"][0]["pointer"], json!(format!("/variants/{at}/sku")));
        body["variants"][at]["sku"] = json!(format!("FREE-{}", unique()));
        let _ = created(&body);
    }
}

#[test]
fn of_a_hundred_new_skus_all_that_are_taken_are_told_with_the_slug() {
    let (one, other) = (created(&product_body(1999)), created(&product_body(1999)));
    let mut body = in_sizes(100);
    body["slug"] = one["slug"].clone();
    body["variants"][0]["sku"] = one["variants"][0]["sku"].clone();
    body["variants"][99]["sku"] = other["variants"][0]["sku"].clone();
    let refused = by_admin(post("/admin/products")).json(&body).send().refused(Code::SlugTaken);
    let pointers: Vec<&Value> = refused["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    assert_eq!(pointers, ["/slug", "/variants/0/sku", "/variants/99/sku"]);
}

#[test]
fn what_an_edit_left_to_be_done_is_done_before_the_next() {
    let (product, catalog) = (created(&product_body(1999)), Table::of("catalog"));
    let sku = &skus(&product)[0];
    let mut offer = stock_row(sku).unwrap();
    offer["weight_grams"] = json!(777);
    let key = format!("PRODUCT#{}", product["id"].as_str().unwrap());
    catalog.put(&json!({
        "pk": key, "sk": "PENDING", "type": "pending_edit", "schema": 1, "version": 1,
        "product_id": product["id"], "offers": [{ "put": offer }],
    }));
    assert_eq!(as_edited(&product)["variants"][0]["weight_grams"], json!(777), "staff see the whole edit");
    let after = change(&product, &json!({ "title": "Brass lamp" })).expect(200);
    assert_eq!((&after["title"], &after["variants"][0]["weight_grams"]), (&json!("Brass lamp"), &json!(777)));
    assert_eq!(stock_row(sku).unwrap()["weight_grams"], json!(777));
    assert_eq!(catalog.get(&key, "PENDING"), None);
}

/// A SKU that was taken so long ago for an edit of `product`, which died before it was written.
fn held(product: &Value, seconds: i64) -> String {
    let sku = format!("HELD-{}", unique());
    let mut row = stock_row(&skus(product)[0]).unwrap();
    for name in ["gsi1pk", "gsi1sk"] {
        row.as_object_mut().unwrap().remove(name);
    }
    for (name, value) in [
        ("pk", json!(format!("STOCK#{sku}#0"))),
        ("sku", json!(sku)),
        ("retired", json!(true)),
        ("for_sale", json!(false)),
        ("held_at", json!(kernel::fresh::now().plus_seconds(-seconds))),
    ] {
        row[name] = value;
    }
    Table::of("catalog").put(&row);
    sku
}

#[test]
fn a_sku_that_an_edit_took_before_it_died_is_free_a_minute_later() {
    let product = created(&product_body(1999));
    let with = |sku: &str| {
        let mut body = product_body(1999);
        body["variants"][0]["sku"] = json!(sku);
        body
    };
    let (fresh, old) = (held(&product, 5), held(&product, 70));
    by_admin(post("/admin/products")).json(&with(&fresh)).send().refused(Code::TryAgain);
    assert_eq!(skus(&created(&with(&old))), [old]);
    assert_eq!(skus(&as_edited(&product)).len(), 1);
    Table::of("catalog").delete(&format!("STOCK#{fresh}#0"), "STOCK");
}
