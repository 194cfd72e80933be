//! The catalogue as a file: what staff upload, and what they are given.

use api::Code;
use e2e::operator::Table;
use e2e::products::by_admin;
use e2e::shelves::{category, ids_in};
use e2e::shop::{eventually_by_queue, fetch, get, post};
use e2e::unique;
use e2e::uploads::{counts, import, imported, upload_rows};
use serde_json::{Value, json};

const COLUMNS: &str = "slug,title,category,status,option1_name,option1_value,sku,price,compare_at_price,stock";

/// A file of so many teas in two sizes each. What is wrong with it stands at its end.
fn file(stem: &str, category: &str, teas: usize, wrong: &str) -> String {
    let rows = (0..teas).map(|tea| {
        let (slug, sku) = (format!("{stem}-{tea}"), format!("{stem}-{tea}").to_uppercase());
        format!(
            "{slug},\"Tea, no. {tea}\",{category},active,Size,S,{sku}-S,5.00,,{tea}\n{slug},,,,,L,{sku}-L,9.50,12,7\n"
        )
    });
    format!("{COLUMNS}\n{}{wrong}", rows.collect::<String>())
}

/// A stem for slugs and SKUs, and the slug of a new category with its id.
fn shelf() -> (String, String, String) {
    let category = category(None);
    let text = |name: &str| category[name].as_str().unwrap().to_owned();
    (format!("tea-{}", unique()), text("slug"), text("id"))
}

fn stock(sku: &str) -> Value {
    Table::of("catalog").get(&format!("STOCK#{sku}#0"), "STOCK").unwrap()
}

#[test]
fn a_file_becomes_products_and_sent_again_changes_nothing() {
    let (stem, shelf, shelf_id) = shelf();
    let sku = stem.to_uppercase();
    let wrong = format!(
        "{stem}-x,X,{shelf},active,,,{sku}-X,five,,\n{stem}-y,Y,no-such-shelf,active,,,{sku}-Y,5,,\n{stem}-0,Z,{shelf},active,Size,S,{sku}-Z,5,,\n"
    );
    let file = file(&stem, &shelf, 3, &wrong);
    let report = imported(&upload_rows(&file));
    assert_eq!((&report["status"], counts(&report), &report["rows"]), (&json!("done"), [6, 0, 0, 3], &json!(9)));
    let told =
        |row: &Value| (row["line"].clone(), row["faults"][0]["column"].clone(), row["faults"][0]["code"].clone());
    let refused: Vec<_> = report["data"].as_array().unwrap().iter().map(told).collect();
    let expected = [
        (json!(8), json!("price"), json!("invalid_price")),
        (json!(9), json!("category"), json!("category_not_found")),
        (json!(10), Value::Null, json!("repeated")),
    ];
    assert_eq!(refused, expected);

    let product = get(&format!("/products/by-slug/{stem}-2")).send().expect(200);
    assert_eq!((&product["title"], &product["variants"][0]["title"]), (&json!("Tea, no. 2"), &json!("S")));
    let variants: Vec<_> = product["variants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| {
            (
                variant["price"]["amount"].clone(),
                variant["compare_at_price"]["amount"].clone(),
                variant["available"].clone(),
            )
        })
        .collect();
    assert_eq!(variants, [(json!(500), Value::Null, json!(2)), (json!(950), json!(1200), json!(7))]);
    eventually_by_queue("the products in their category", || ids_in(&shelf_id).filter(|ids| ids.len() == 3));

    let before: Vec<Value> = (0..3).map(|tea| stock(&format!("{sku}-{tea}-L"))).collect();
    let again = imported(&upload_rows(&file));
    assert_eq!(counts(&again), [0, 0, 6, 3]);
    assert_eq!(again["data"], report["data"]);
    let after: Vec<Value> = (0..3).map(|tea| stock(&format!("{sku}-{tea}-L"))).collect();
    assert_eq!(after, before, "not even a version");
}

#[test]
fn a_file_of_stock_and_prices_changes_those_and_nothing_else() {
    let (stem, shelf, _) = shelf();
    let sku = stem.to_uppercase();
    let _ = imported(&upload_rows(&file(&stem, &shelf, 1, "")));
    let report = imported(&upload_rows(&format!("sku,slug,price,stock\n{sku}-0-L,{stem}-0,8,11\n")));
    assert_eq!(counts(&report), [0, 1, 0, 0]);
    let product = get(&format!("/products/by-slug/{stem}-0")).send().expect(200);
    assert_eq!((&product["title"], product["variants"].as_array().unwrap().len()), (&json!("Tea, no. 0"), 2));
    let large = &product["variants"][1];
    assert_eq!((&large["price"]["amount"], &large["available"]), (&json!(800), &json!(11)));
    let ledger = Table::of("catalog").partition(&format!("LEDGER#{sku}-0-L"));
    let entries: Vec<_> = ledger.iter().map(|entry| (entry["reason"].clone(), entry["delta"].clone())).collect();
    assert_eq!(entries, [(json!("import"), json!(7)), (json!("import"), json!(4))]);
}

#[test]
fn a_file_of_many_rows_is_done_in_chunks() {
    let (stem, shelf, _) = shelf();
    let id = upload_rows(&file(&stem, &shelf, 260, ""));
    let report = imported(&id);
    assert_eq!((&report["status"], counts(&report)), (&json!("done"), [520, 0, 0, 0]));
    let last = get(&format!("/products/by-slug/{stem}-259")).send().expect(200);
    assert_eq!(last["variants"][0]["available"], 259);
}

#[test]
fn a_file_that_cannot_be_imported_says_why() {
    for (file, code) in [
        ("slug,sku,colour\na,b,c\n", "unknown_column"),
        ("slug,title\na,b\n", "missing_column"),
        ("slug;sku\na;b\n", "unknown_column"),
        ("slug,sku\n", "empty_file"),
        ("slug,sku\na,1\nb,\"2\nc,3\n", "unclosed_quote"),
    ] {
        let report = imported(&upload_rows(file));
        assert_eq!((&report["status"], &report["failure"]["code"]), (&json!("failed"), &json!(code)));
    }
}

#[test]
fn refused_rows_are_read_page_by_page() {
    let rows: String = (0..3).map(|row| format!("x,,none,draft,,,no sku {row},1,,\n")).collect();
    let id = upload_rows(&format!("{COLUMNS}\n{rows}"));
    assert_eq!(counts(&imported(&id)), [0, 0, 0, 3]);
    let (mut lines, mut cursor) = (Vec::new(), String::new());
    for _ in 0..4 {
        let page = by_admin(get(&format!("/admin/imports/{id}?limit=1{cursor}"))).send().expect(200);
        lines.extend(page["data"].as_array().unwrap().iter().map(|row| row["line"].as_u64().unwrap()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(lines, [2, 3, 4]);
    let other = "imp_01JH8Z6V0W4T3N9Q2RSKX7M5CD";
    by_admin(get(&format!("/admin/imports/{other}{}", cursor.replacen('&', "?", 1))))
        .send()
        .refused(Code::InvalidCursor);
    import(other).refused(Code::NotFound);
}

#[test]
fn a_copy_of_the_catalogue_that_is_imported_changes_nothing() {
    let (stem, shelf, shelf_id) = shelf();
    let _ = imported(&upload_rows(&file(&stem, &shelf, 2, "")));
    eventually_by_queue("the products in their category", || ids_in(&shelf_id).filter(|ids| ids.len() == 2));
    let export = by_admin(post("/admin/exports")).send().expect(202);
    let path = format!("/admin/exports/{}", export["id"].as_str().unwrap());
    let ready = eventually_by_queue("the copy", || {
        let export = by_admin(get(&path)).send().expect(200);
        (export["status"] == "ready").then_some(export)
    });
    let copy = fetch(ready["url"].as_str().unwrap());
    assert_eq!((copy.status, copy.header("content-type")), (200, Some("text/csv")));
    // What others change at the same time is no business of this test.
    let is_ours = |line: &&str| line.starts_with("slug,") || line.starts_with(&stem);
    let ours: String = copy.text.lines().filter(is_ours).map(|line| format!("{line}\n")).collect();
    assert_eq!(ours.lines().count(), 5, "{ours}");
    assert_eq!(counts(&imported(&upload_rows(&ours))), [0, 0, 4, 0]);
    by_admin(get("/admin/exports/exp_01JH8Z6V0W4T3N9Q2RSKX7M5CD")).send().refused(Code::NotFound);
}
