//! Files are imported, a picture is looked at, and a copy is made.

use e2e::goods::product_of;
use e2e::operator::Table;
use e2e::products::by_admin;
use e2e::shop::{eventually_within, fetch, get, post};
use e2e::unique;
use e2e::uploads::{PIXEL, counts, import, post_file};
use serde_json::{Value, json};

use super::catalogue::Catalogue;
use super::ends::PATIENCE;
use super::flows::patient;
use super::products::{await_listed, made, read};

/// A product is made by a file and changed by another.
pub(super) fn import_a_file(catalogue: &Catalogue) {
    let (stem, shelf) = (format!("tea-{}", unique()), &catalogue.category_slug);
    let sku = stem.to_uppercase();
    let columns = "slug,title,category,status,option1_name,option1_value,sku,price,stock";
    let rows = format!(
        "{stem},Tea,{shelf},active,Size,S,{sku}-S,5,3\n{stem},,,,,M,{sku}-M,five,4\n{stem},,,,,L,{sku}-L,9,5\n"
    );
    assert_eq!(counts(&done(&format!("{columns}\n{rows}"))), [2, 0, 0, 1]);
    assert_eq!(counts(&done(&format!("slug,sku,price,stock\n{stem},{sku}-S,6,3\n{stem},{sku}-L,9,9\n"))), [0, 2, 0, 0]);
    let product = patient("the product", || get(&format!("/products/by-slug/{stem}")).send()).expect(200);
    let seen: Vec<Value> = product["variants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| json!([variant["sku"], variant["price"]["amount"], variant["available"]]))
        .collect();
    assert_eq!(seen, [json!([format!("{sku}-S"), 600, 3]), json!([format!("{sku}-L"), 900, 9])]);
    let entries = |size: &str| {
        let ledger = Table::of("catalog").partition(&format!("LEDGER#{sku}-{size}"));
        ledger.iter().map(|entry| entry["delta"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((entries("S"), entries("L")), (vec![3], vec![5, 4]));
    await_listed(&product, true);
}

/// The report of the import of `file`.
fn done(file: &str) -> Value {
    let wanted = patient("an import", || by_admin(post("/admin/imports")).send()).expect(201);
    assert_eq!(post_file(&wanted["upload"], file.as_bytes()).status, 204);
    let id = wanted["id"].as_str().unwrap();
    await_row(&format!("IMPORT#{id}"), "IMPORT", "done");
    patient("the report", || import(id)).expect(200)
}

/// Waits for the status past all functions: whoever asks them again and again takes time from those that work.
#[track_caller]
fn await_row(pk: &str, sk: &str, status: &str) {
    eventually_within(PATIENCE, &format!("{pk} to be {status}"), || {
        let row = Table::of("catalog").get(pk, sk).expect("the row is there from the start");
        assert_ne!(row["status"], "failed", "{row}");
        (row["status"] == status).then_some(())
    });
}

/// Whoever is not told of one picture asks for another, and the first is never uploaded. Offers show the first picture of a product only.
pub(super) fn add_two_pictures(catalogue: &Catalogue) {
    let product = made(&product_of(&catalogue.category, 1999));
    let id = product["id"].as_str().unwrap();
    let wish = json!({ "content_type": "image/png", "content_length": 1000, "alt": "A lamp on a table" });
    for pictures in 1..=2 {
        let call = || by_admin(post(&format!("/admin/products/{id}/images"))).json(&wish).send();
        let added = patient("a picture", call).expect(201);
        assert_eq!(post_file(&added["upload"], PIXEL).status, 204);
        let picture = added["image"]["id"].as_str().unwrap();
        eventually_within(PATIENCE, "the picture to be looked at", || {
            Table::of("catalog").get(&format!("PRODUCT#{id}"), &format!("IMAGE#{picture}")).is_none().then_some(())
        });
        let product = read(&product).expect(200);
        assert_eq!(product["images"].as_array().unwrap().len(), pictures, "{product}");
        let waiting = product["pending_images"].as_array().unwrap();
        assert!(waiting.iter().all(|image| image["id"] != picture), "{product}");
    }
}

/// All of the catalogue, as a file.
pub(super) fn take_a_copy(catalogue: &Catalogue) {
    let asked = patient("a copy", || by_admin(post("/admin/exports")).send()).expect(202);
    let id = asked["id"].as_str().unwrap();
    await_row(&format!("EXPORT#{id}"), "EXPORT", "ready");
    let export = patient("the copy", || by_admin(get(&format!("/admin/exports/{id}"))).send()).expect(200);
    let copy = fetch(export["url"].as_str().unwrap());
    assert_eq!(copy.status, 200, "{}", copy.text);
    let rows: Vec<&str> =
        copy.text.lines().filter(|line| line.starts_with(&format!("{},", catalogue.lamp.slug))).collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
}
