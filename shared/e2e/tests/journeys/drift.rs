//! What was shown is not what is: the shopper is told the difference before anything is taken.

use api::Code;
use e2e::buyer::Buyer;
use e2e::goods::{Goods, adjust, bins, goods};
use e2e::operator::Table;
use e2e::settings::{self, changing_shipping_zones, put_shipping_zones, put_tax_rates, with_tax_rates};
use e2e::shop::{Answer, eventually, post};
use e2e::{logs, unique};
use serde_json::{Value, json};

/// Sets attributes of the goods' price and stock row; staff have no route for it yet.
fn set(goods: &Goods, attribute: &str, value: impl Into<Value>) {
    Table::of("catalog").set(&format!("STOCK#{}#0", goods.sku), "STOCK", &[(attribute, value.into())]);
}

fn eur(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

fn wants(quantity: u32, goods: &Goods) -> (Buyer, Value) {
    let buyer = Buyer::guest();
    buyer.add(&goods.sku, quantity).expect(200);
    let quote = buyer.quote().expect(200);
    (buyer, quote)
}

/// Places under `key`, and holds that nothing but placing itself came of it: no call to a provider, no event.
fn place_in_vain(buyer: &Buyer, total: &Value, key: &str, code: Code) -> Value {
    let correlation = format!("drift-{}", unique());
    let call = buyer.show(post("/orders")).key(key).header("X-Correlation-Id", &correlation);
    let refused: Answer = call.json(&buyer.order_body(total)).send();
    let body = refused.refused(code);
    let lines =
        eventually("the log line of placing", || Some(logs::of(&correlation)).filter(|lines| !lines.is_empty()));
    for line in &lines {
        let function = line["span"]["function"].as_str().unwrap();
        assert!(function.ends_with("orders-place-order"), "{function} had part in it: {line}");
    }
    assert_eq!(buyer.cart().expect(200)["status"], "open");
    body
}

#[test]
fn a_changed_price_is_refused_with_the_old_and_the_new_line_and_ordered_at_the_new_total() {
    let _settings = settings::unchanged();
    let (lamp, shade) = (goods(1000, 5), goods(500, 5));
    let (buyer, _) = wants(2, &lamp);
    buyer.add(&shade.sku, 1).expect(200);
    let (quote, key) = (buyer.quote().expect(200), unique());
    set(&lamp, "price.amount", 1100);

    let refused = place_in_vain(&buyer, &quote["total"], &key, Code::TotalChanged);
    let total = eur(quote["total"]["amount"].as_i64().unwrap() + 200);
    assert_eq!((&refused["expected_total"], &refused["total"]), (&quote["total"], &total));
    let changed = json!([{
        "sku": lamp.sku, "quantity": 2, "old_unit_price": eur(1000), "unit_price": eur(1100),
        "old_line_total": eur(2000), "line_total": eur(2200),
    }]);
    assert_eq!(refused["lines"], changed, "only what changed");
    assert_eq!((&refused["quote"]["total"], &refused["quote"]["subtotal"]), (&total, &eur(2700)));
    assert_eq!((bins(&lamp), bins(&shade)), ([5, 5, 0, 0], [5, 5, 0, 0]));

    let order = buyer.place(&total, &key).expect(201);
    assert_eq!((&order["total"], &order["lines"][0]["unit_price"]), (&total, &eur(1100)));
    assert_eq!(bins(&lamp), [5, 3, 2, 0]);
}

#[test]
fn what_was_ordered_costs_what_was_agreed_whatever_the_price_does_later() {
    let _settings = settings::unchanged();
    let lamp = goods(1000, 5);
    let mut buyer = Buyer::guest();
    buyer.add(&lamp.sku, 1).expect(200);
    let order = buyer.order();
    set(&lamp, "price.amount", 9900);
    let id = order["id"].as_str().unwrap();
    let payment = buyer.pay(id);
    assert_eq!(payment["amount"], order["total"]);
    assert_eq!(buyer.read_order(id)["lines"], order["lines"]);
}

#[test]
fn a_changed_tax_rate_is_refused_with_the_new_tax() {
    let rates = |bps: u32| {
        json!({ "prices_include_tax": false, "rates": [
            { "country": "DE", "region": null, "tax_class": "standard", "title": "VAT", "rate_bps": bps },
            { "country": "DE", "region": null, "tax_class": "reduced", "title": "VAT", "rate_bps": 700 },
        ] })
    };
    with_tax_rates(&rates(1900), || {
        let (lamp, key) = (goods(10_000, 5), unique());
        let (buyer, quote) = wants(1, &lamp);
        put_tax_rates(&rates(2000));
        let refused = place_in_vain(&buyer, &quote["total"], &key, Code::TotalChanged);
        let now = buyer.quote().expect(200);
        assert_ne!(now["total"], quote["total"]);
        assert_eq!((&refused["total"], &refused["lines"]), (&now["total"], &json!([])));
        for member in ["subtotal", "shipping", "tax", "tax_lines", "prices_include_tax", "total"] {
            assert_eq!(refused["quote"][member], now[member], "{member}");
        }
        assert_eq!(bins(&lamp), [5, 5, 0, 0]);
        assert_eq!(buyer.place(&now["total"], &key).expect(201)["tax"], now["tax"]);
    });
}

#[test]
fn a_changed_price_of_shipping_is_refused_with_the_new_shipping() {
    changing_shipping_zones(|mut zones| {
        let (lamp, key) = (goods(1000, 5), unique());
        let (buyer, quote) = wants(1, &lamp);
        let standard = zones["zones"].as_array_mut().unwrap().iter_mut().flat_map(|zone| {
            zone["methods"].as_array_mut().unwrap().iter_mut().filter(|method| method["id"] == "standard")
        });
        for method in standard {
            method["price"]["amount"] = (method["price"]["amount"].as_i64().unwrap() + 100).into();
        }
        put_shipping_zones(&zones);
        let refused = place_in_vain(&buyer, &quote["total"], &key, Code::TotalChanged);
        let raised = |member: &str| eur(quote[member]["amount"].as_i64().unwrap() + 100);
        assert_eq!((&refused["quote"]["shipping"], &refused["total"]), (&raised("shipping"), &raised("total")));
        assert_eq!(bins(&lamp), [5, 5, 0, 0]);
        assert_eq!(buyer.place(&raised("total"), &key).expect(201)["shipping"], raised("shipping"));
    });
}

#[test]
fn stock_that_went_meanwhile_is_named_and_the_same_order_works_once_it_is_back() {
    let _settings = settings::unchanged();
    let (lamp, shade, key) = (goods(1000, 3), goods(500, 5), unique());
    let (buyer, _) = wants(3, &lamp);
    buyer.add(&shade.sku, 1).expect(200);
    let quote = buyer.quote().expect(200);
    adjust(&lamp.sku, -1);
    let refused = place_in_vain(&buyer, &quote["total"], &key, Code::OutOfStock);
    assert_eq!(refused["lines"], json!([{ "sku": lamp.sku, "wanted": 3, "available": 2 }]));
    assert_eq!((bins(&lamp), bins(&shade)), ([2, 2, 0, 0], [5, 5, 0, 0]), "all or nothing");
    adjust(&lamp.sku, 1);
    buyer.place(&quote["total"], &key).expect(201);
    assert_eq!((bins(&lamp), bins(&shade)), ([3, 0, 3, 0], [5, 4, 1, 0]));
}

#[test]
fn what_left_the_shop_meanwhile_is_named() {
    let _settings = settings::unchanged();
    let (lamp, key) = (goods(1000, 3), unique());
    let (buyer, quote) = wants(1, &lamp);
    set(&lamp, "for_sale", false);
    let refused = place_in_vain(&buyer, &quote["total"], &key, Code::NotForSale);
    assert_eq!(refused["skus"], json!([lamp.sku]));
    assert_eq!(bins(&lamp), [3, 3, 0, 0]);
    set(&lamp, "for_sale", true);
    buyer.place(&quote["total"], &key).expect(201);
}
