use e2e::buyer::Buyer;
use e2e::goods::goods;
use e2e::settings::{self, with_tax_rates};
use serde_json::json;

fn rates(prices_include_tax: bool) -> serde_json::Value {
    json!({ "prices_include_tax": prices_include_tax, "rates": [
        { "country": "DE", "region": null, "tax_class": "standard", "title": "VAT 19 %", "rate_bps": 1900 },
        { "country": "DE", "region": null, "tax_class": "reduced", "title": "VAT 7 %", "rate_bps": 700 },
    ] })
}

#[test]
fn in_an_inclusive_shop_the_tax_is_contained_in_the_total() {
    let _settings = settings::unchanged();
    let lamp = goods(11_900, 5);
    let buyer = Buyer::guest();
    buyer.add(&lamp.sku, 1).expect(200);
    let quote = buyer.quote().expect(200);
    assert_eq!(quote["prices_include_tax"], true);
    let shipping = quote["shipping"]["amount"].as_i64().unwrap();
    assert_eq!(quote["total"]["amount"], 11_900 + shipping);
    assert_eq!(quote["lines"][0]["tax"]["amount"], 1900, "119.00 contains 19.00");
}

#[test]
fn in_an_exclusive_shop_the_tax_comes_on_top() {
    with_tax_rates(&rates(false), || {
        let lamp = goods(10_000, 5);
        let mut buyer = Buyer::guest();
        buyer.add(&lamp.sku, 1).expect(200);
        let quote = buyer.quote().expect(200);
        assert_eq!(quote["prices_include_tax"], false);
        let (shipping, tax) = (quote["shipping"]["amount"].as_i64().unwrap(), quote["tax"]["amount"].as_i64().unwrap());
        assert_eq!(quote["lines"][0]["tax"]["amount"], 1900, "19 % of 100.00");
        assert_eq!(quote["total"]["amount"], 10_000 + shipping + tax);
        let order = buyer.order();
        assert_eq!((&order["total"], &order["tax"]), (&quote["total"], &quote["tax"]));
        buyer.pay(order["id"].as_str().unwrap());
    });
}
