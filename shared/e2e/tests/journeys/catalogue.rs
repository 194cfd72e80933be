use std::collections::HashSet;

use e2e::goods::goods;
use e2e::shelves::walk;
use e2e::shop::get;
use serde_json::Value;

#[test]
fn the_demo_shop_is_walked_page_by_page_without_a_gap_or_a_repeat() {
    let products = walk("");
    let ids: HashSet<_> = products.iter().map(|product| product["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), products.len());
    assert!(products.len() >= 300);
}

#[test]
fn products_are_listed_by_price_and_by_category() {
    let by_price: Vec<i64> =
        walk("&sort=price").iter().map(|product| product["price_from"]["amount"].as_i64().unwrap()).collect();
    assert!(by_price.is_sorted());
    let categories = get("/categories").send().expect(200);
    let category = categories["data"][0]["id"].as_str().unwrap();
    let listed = walk(&format!("&category={category}"));
    assert!(!listed.is_empty() && listed.len() < by_price.len());
}

#[test]
fn a_product_that_did_not_change_is_not_sent_again() {
    // Nobody else buys it meanwhile.
    let path = format!("/products/{}", goods(1999, 5).id);
    let first = get(&path).send();
    let product = first.expect(200);
    assert!(!product["variants"].as_array().unwrap().is_empty());
    let etag = first.header("etag").unwrap();
    let again = get(&path).header("If-None-Match", etag).send();
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    assert!(first.header("cache-control").unwrap().starts_with("public"));
}

#[test]
fn every_demo_product_has_a_picture_that_can_be_seen() {
    // The slugs of what tests make have a text of their own in them.
    let is_of_demo = |product: &&Value| !product["slug"].as_str().unwrap().split('-').any(|part| part.len() == 26);
    for product in walk("").iter().filter(is_of_demo) {
        let url = product["image"]["url"].as_str().or(product["image"].as_str());
        assert!(url.is_some_and(|url| url.starts_with("http")), "{product}");
    }
}
