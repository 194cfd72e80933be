use api::Code;
use e2e::goods::{adjust, available, goods, product_body};
use e2e::people::admin;
use e2e::shelves::in_time;
use e2e::shop::{get, post};
use e2e::unique;
use serde_json::json;

#[test]
fn a_slug_and_a_sku_belong_to_one_product() {
    let token = &admin().access_token;
    let first = product_body(1999);
    post("/admin/products").bearer(token).json(&first).send().expect(201);
    let mut same_slug = product_body(1999);
    same_slug["slug"] = first["slug"].clone();
    post("/admin/products").bearer(token).json(&same_slug).send().refused(Code::SlugTaken);
    let mut same_sku = product_body(1999);
    same_sku["variants"][0]["sku"] = first["variants"][0]["sku"].clone();
    post("/admin/products").bearer(token).json(&same_sku).send().refused(Code::SkuTaken);
    let errors = post("/admin/products").bearer(token).json(&first).send().refused(Code::SlugTaken)["errors"].clone();
    assert_eq!((&errors[0]["code"], &errors[0]["pointer"]), (&json!("slug_taken"), &json!("/slug")));
    assert_eq!((&errors[1]["code"], &errors[1]["pointer"]), (&json!("sku_taken"), &json!("/variants/0/sku")));
}

#[test]
fn a_draft_is_not_seen_by_shoppers() {
    let mut body = product_body(1999);
    body["status"] = json!("draft");
    let product = post("/admin/products").bearer(&admin().access_token).json(&body).send().expect(201);
    get(&format!("/products/{}", product["id"].as_str().unwrap())).send().refused(Code::NotFound);
}

#[test]
fn stock_cannot_be_counted_below_nothing() {
    let lamp = goods(1999, 3);
    let call = post(&format!("/admin/inventory/{}/adjustments", lamp.sku)).bearer(&admin().access_token);
    call.json(&json!({ "quantity": -4, "reason": "write_off" })).send().refused(Code::StockNegative);
    adjust(&lamp.sku, -3);
    assert_eq!(available(&lamp), 0);
}

#[test]
fn an_adjustment_sent_twice_with_one_key_counts_once() {
    let (lamp, key) = (goods(1999, 1), unique());
    for _ in 0..2 {
        post(&format!("/admin/inventory/{}/adjustments", lamp.sku))
            .bearer(&admin().access_token)
            .key(&key)
            .json(&json!({ "quantity": 4, "reason": "receipt" }))
            .send()
            .expect(201);
    }
    assert_eq!(available(&lamp), 5);
}

#[test]
fn an_admin_adds_a_category_and_shoppers_see_it() {
    let slug = format!("corner-{}", unique());
    let body = json!({ "slug": slug, "title": "A corner", "parent_id": null, "position": 99 });
    let create = || in_time(|| post("/admin/categories").bearer(&admin().access_token).json(&body).send());
    let category = create().expect(201);
    create().refused(Code::SlugTaken);
    let categories = get("/categories").send().expect(200);
    assert!(categories["data"].as_array().unwrap().iter().any(|listed| listed["id"] == category["id"]));
}

#[test]
fn the_shop_says_what_it_is() {
    let shop = get("/shop").send().expect(200);
    assert_eq!(shop["currency"], "EUR");
    assert_eq!(get("/health").send().expect(200), json!({ "status": "ok" }));
    let services = get("/services").send().expect(200);
    assert!(!services["data"].as_array().unwrap().is_empty());
    assert_eq!(get("/openapi.json").send().expect(200)["openapi"], "3.1.0");
}
