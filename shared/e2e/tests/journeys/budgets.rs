//! How many calls to DynamoDB a request makes and what they consume, as the functions themselves log it.

use std::collections::HashSet;

use api::Code;
use e2e::buyer::{Buyer, address};
use e2e::goods::{self, Goods, goods, product_body};
use e2e::people::{Person, admin, shopper};
use e2e::products::{created, path};
use e2e::shelves::category_id;
use e2e::shop::{Call, delete, eventually, get, patch, post, put};
use e2e::staff::user_id;
use e2e::{logs, operator, settings, unique};
use serde_json::{Value, json};

/// What one request cost.
#[derive(Debug, Clone, PartialEq)]
struct Cost {
    calls: u64,
    /// Capacity units, in the log's own numbers.
    read: Value,
    written: Value,
}

/// What the request with this correlation id cost, once its function has logged it.
fn cost_of(correlation: &str) -> Option<Cost> {
    let line = logs::of(correlation).into_iter().find(|line| line["message"] == "answered")?;
    Some(Cost {
        calls: line["dynamodb_calls"].as_u64()?,
        read: line["read_capacity"].clone(),
        written: line["write_capacity"].clone(),
    })
}

/// Makes `call` and gives its answer and the correlation id it was made under.
#[track_caller]
fn ask(call: Call, status: u16) -> (Value, String) {
    let correlation = format!("budget-{}", unique());
    (call.header("X-Correlation-Id", &correlation).send().expect(status), correlation)
}

/// Makes `call` and gives the number of calls to DynamoDB that answering it took.
#[track_caller]
fn calls_of(call: Call, status: u16) -> u64 {
    let (_, correlation) = ask(call, status);
    eventually("the log line of the request", || cost_of(&correlation)).calls
}

#[test]
fn reading_costs_one_call() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let person = shopper();
    assert_eq!(calls_of(get(&format!("/products/{}", lamp.id)), 200), 1);
    assert_eq!(calls_of(get(&format!("/products/by-slug/{}", lamp.slug)), 200), 2);
    for list in ["", "&sort=price&price_min=500&price_max=2000", "&sort=title&price_max=2000", "&sort=-price"] {
        assert_eq!(calls_of(get(&format!("/products?limit=50{list}")), 200), 1, "{list}");
    }
    let category = goods::some_category();
    assert_eq!(calls_of(get(&format!("/products?limit=50&category={category}")), 200), 1);
    // Where nothing is listed, there may be no such category.
    assert_eq!(calls_of(get(&format!("/products?category={}", category_id(None))), 200), 2);
    assert_eq!(calls_of(get("/categories"), 200), 1);
    assert_eq!(calls_of(get("/me").bearer(&person.access_token), 200), 1);
    assert_eq!(calls_of(get("/orders").bearer(&person.access_token), 200), 1);
}

#[test]
fn buying_keeps_to_its_budget() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let mut buyer = Buyer::guest();
    let line = format!("/carts/{}/lines", buyer.cart_id);
    assert!(calls_of(buyer.show(post(&line)).json(&json!({ "sku": lamp.sku, "quantity": 1 })), 200) <= 2);
    let set = buyer.show(put(&format!("{line}/{}", lamp.sku))).json(&json!({ "quantity": 2 }));
    assert!(calls_of(set, 200) <= 2);
    assert!(calls_of(buyer.show(get(&format!("/carts/{}", buyer.cart_id))), 200) <= 2);
    let quote = buyer.quote().expect(200);
    let body = json!({ "cart_id": buyer.cart_id, "shipping_address": address() });
    assert!(calls_of(buyer.show(post("/quotes")).json(&body), 200) <= 3);

    let key = unique();
    let place = buyer.show(post("/orders")).key(&key).json(&buyer.order_body(&quote["total"]));
    assert!(calls_of(place.clone(), 201) <= 4);
    let order = place.send().expect(201);
    buyer.order_token = order["token"].as_str().map(str::to_owned);
    let id = order["id"].as_str().unwrap();
    assert_eq!(calls_of(buyer.show(get(&format!("/orders/{id}"))), 200), 1);
    let pay = buyer.show(post(&format!("/orders/{id}/payments"))).key(&unique()).json(&json!({ "provider": "stripe" }));
    assert!(calls_of(pay, 201) <= 3);
}

#[test]
fn products_keep_to_their_budget() {
    let _settings = settings::unchanged();
    let by_admin = |call: Call| call.bearer(&admin().access_token).header("If-Match", "*");
    let body = product_body(1999);
    assert_eq!(calls_of(by_admin(post("/admin/products")).json(&product_body(1999)), 201), 2);
    let product = created(&body);
    let path = path(&product);
    assert_eq!(calls_of(by_admin(get(&path)), 200), 4);
    assert_eq!(calls_of(by_admin(patch(&path)).json(&json!({ "title": "Lantern" })), 200), 4);
    assert_eq!(calls_of(by_admin(put(&path)).json(&body), 200), 4);
    assert_eq!(calls_of(by_admin(delete(&path)), 204), 4);
}

#[test]
fn stock_keeps_to_its_budget() {
    let _settings = settings::unchanged();
    let (lamp, person) = (goods(1999, 0), shopper());
    let by_admin = |call: Call| call.bearer(&admin().access_token);
    let inventory = e2e::stock::path(&lamp.sku);
    assert_eq!(calls_of(by_admin(get(&inventory)), 200), 3);
    let alerts = format!("/products/{}/stock-alerts", lamp.id);
    let wish = json!({ "sku": lamp.sku });
    assert_eq!(calls_of(post(&alerts).bearer(&person.access_token).json(&wish), 202), 3);
    let guest = json!({ "sku": lamp.sku, "email": e2e::people::new_address() });
    assert_eq!(calls_of(post(&alerts).json(&guest), 202), 3);
    let count = json!({ "counted": 3, "reason": "count" });
    assert_eq!(calls_of(by_admin(post(&format!("{inventory}/adjustments"))).json(&count), 201), 3);
    let low_at = by_admin(put(&inventory)).header("If-Match", "*").json(&json!({ "low_at": 2 }));
    assert_eq!(calls_of(low_at, 200), 3);
}

#[test]
fn an_account_of_one_s_own_keeps_to_its_budget() {
    let _settings = settings::unchanged();
    let person = shopper();
    let by = |call: Call| call.bearer(&person.access_token);
    assert!(calls_of(by(patch("/me")).json(&json!({ "name": "Countess" })), 200) <= 2);
    let entry = json!({ "address": address() });
    let home = by(post("/me/addresses")).json(&entry).send().expect(201);
    assert!(calls_of(by(post("/me/addresses")).json(&entry), 201) <= 2);
    assert!(calls_of(by(get("/me/addresses")), 200) <= 2);

    let buyer = Buyer::signed_in(person.clone());
    buyer.add(&goods(1999, 5).sku, 1).expect(200);
    let mut body = json!({ "cart_id": buyer.cart_id, "address_id": home["id"], "shipping_method": "standard" });
    assert!(calls_of(buyer.show(post("/quotes")).json(&body), 200) <= 3);
    body["expected_total"] = buyer.quote().expect(200)["total"].clone();
    assert!(calls_of(buyer.show(post("/orders")).key(&unique()).json(&body), 201) <= 5);
}

#[test]
fn coming_back_and_leaving_keep_to_their_budget() {
    let _settings = settings::unchanged();
    let person = shopper();
    let by = |call: Call| call.bearer(&person.access_token);
    let again = post("/sessions/refreshes").json(&json!({ "refresh_token": person.refresh_token }));
    assert_eq!(calls_of(again, 200), 1);
    assert!(calls_of(by(post("/me/exports")), 202) <= 2);
    let account = get(&format!("/admin/users/{}", user_id(&person)));
    assert!(calls_of(account.bearer(&admin().access_token), 200) <= 2);
    assert_eq!(calls_of(by(delete("/sessions")), 204), 1);
}

/// Orders that an operator wrote into the table; gone when this is dropped.
struct History {
    table: String,
    keys: Vec<Value>,
}

impl History {
    /// Copies of `order`'s row under ids that no clock will ever give, so that they are the newest whenever somebody looks.
    fn of(order: &str, count: u32) -> Self {
        let table = operator::named("orders");
        let key = json!({ "pk": { "S": format!("ORDER#{order}") }, "sk": { "S": "ORDER" } });
        let found = dynamodb("GetItem", &json!({ "TableName": table, "Key": key, "ConsistentRead": true }));
        let ulid = order.strip_prefix("ord_").unwrap();
        // The item as text: the id is in its key, in the index and in the body.
        let item = found["Item"].to_string();
        let copies: Vec<Value> = (0..count)
            .map(|number| {
                let copy = format!("7ZZZZZZZZZ{number:08}{}", &unique().to_uppercase()[18..]);
                serde_json::from_str(&item.replace(ulid, &copy)).unwrap()
            })
            .collect();
        let keys = copies.iter().map(|item| json!({ "pk": item["pk"], "sk": item["sk"] })).collect();
        let history = Self { table, keys };
        history.write(copies.into_iter().map(|item| json!({ "PutRequest": { "Item": item } })));
        history
    }

    fn write(&self, requests: impl Iterator<Item = Value>) {
        let requests: Vec<Value> = requests.collect();
        for batch in requests.chunks(25) {
            let answer = dynamodb("BatchWriteItem", &json!({ "RequestItems": { self.table.as_str(): batch } }));
            assert_eq!(answer["UnprocessedItems"], json!({}));
        }
    }
}

impl Drop for History {
    fn drop(&mut self) {
        self.write(self.keys.iter().map(|key| json!({ "DeleteRequest": { "Key": key } })));
    }
}

fn dynamodb(operation: &str, body: &Value) -> Value {
    operator::call("dynamodb", &format!("DynamoDB_20120810.{operation}"), body)
}

/// The steps of one purchase by `person`, each under a correlation id of its own, and the order's id.
fn purchase(person: &Person, lamp: &Goods) -> (String, Vec<(&'static str, String)>) {
    let mut steps = Vec::new();
    let mut step = |name, call: Call, status| {
        let (answer, correlation) = ask(call, status);
        steps.push((name, correlation));
        answer
    };
    step("list products", get("/products?limit=5"), 200);
    step("get product", get(&format!("/products/{}", lamp.id)), 200);
    step("list orders", get("/orders?limit=5").bearer(&person.access_token), 200);
    step("who am I", get("/me").bearer(&person.access_token), 200);
    let buyer = Buyer::signed_in(person.clone());
    let cart = format!("/carts/{}", buyer.cart_id);
    let line = json!({ "sku": lamp.sku, "quantity": 1 });
    step("add a line", buyer.show(post(&format!("{cart}/lines"))).json(&line), 200);
    step("get cart", buyer.show(get(&cart)), 200);
    let asked = json!({ "cart_id": buyer.cart_id, "shipping_address": address(), "shipping_method": "standard" });
    let quote = step("quote", buyer.show(post("/quotes")).json(&asked), 200);
    let body = buyer.order_body(&quote["total"]);
    let order = step("place", buyer.show(post("/orders")).key(&unique()).json(&body), 201);
    let id = order["id"].as_str().unwrap().to_owned();
    let order = format!("/orders/{id}");
    step("get order", buyer.show(get(&order)), 200);
    let payment = json!({ "provider": "stripe" });
    step("pay", buyer.show(post(&format!("{order}/payments"))).key(&unique()).json(&payment), 201);
    step("cancel", buyer.show(post(&format!("{order}/cancellations"))).key(&unique()).json(&json!({})), 200);
    (id, steps)
}

/// What each step costs when no write has to be tried again, which on a busy machine happens: the cheaper of two purchases. A line
/// that comes late is in the log only after the function's next request, so the first purchase may be the only one that is known.
fn cost_of_a_purchase(person: &Person, lamp: &Goods) -> Vec<(&'static str, Cost)> {
    let (_, first) = purchase(person, lamp);
    let (_, second) = purchase(person, lamp);
    let cost = |((name, one), (_, other)): ((&'static str, String), (_, String))| {
        let cost = eventually(&format!("the log line of '{name}'"), || {
            [&one, &other].into_iter().filter_map(|correlation| cost_of(correlation)).min_by_key(|cost| cost.calls)
        });
        (name, cost)
    };
    first.into_iter().zip(second).map(cost).collect()
}

#[test]
fn a_purchase_costs_the_same_after_ten_thousand_orders_as_after_ten() {
    let _settings = settings::unchanged();
    let (lamp, person) = (goods(1999, 500), shopper());
    let (model, _) = purchase(&person, &lamp);
    let few = History::of(&model, 10);
    let after_few = cost_of_a_purchase(&person, &lamp);
    let many = History::of(&model, 9_990);
    let listed = get("/orders?limit=100").bearer(&person.access_token).send().expect(200);
    assert!(listed["next_cursor"].is_string(), "the shopper has more orders than a page shows");
    let after_many = cost_of_a_purchase(&person, &lamp);
    let written: HashSet<String> = few.keys.iter().chain(&many.keys).map(ToString::to_string).collect();
    assert_eq!(written.len(), 10_000);
    for (_, cost) in &after_few {
        assert!(cost.calls > 0 && cost.read.as_f64().unwrap() + cost.written.as_f64().unwrap() > 0.0, "{cost:?}");
    }
    assert_eq!(after_few, after_many);
}

#[test]
fn nothing_personal_is_logged() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let mut buyer = Buyer::guest();
    buyer.add(&lamp.sku, 1).expect(200);
    let quote = buyer.quote().expect(200);
    let correlation = format!("private-{}", unique());
    let place = buyer.show(post("/orders")).key(&unique()).json(&buyer.order_body(&quote["total"]));
    let order = place.header("X-Correlation-Id", &correlation).send().expect(201);
    buyer.order_token = order["token"].as_str().map(str::to_owned);
    buyer.pay(order["id"].as_str().unwrap());
    let refused = buyer.show(post("/quotes")).header("X-Correlation-Id", &correlation);
    let body = json!({ "cart_id": buyer.cart_id, "shipping_address": address(), "email": buyer.email });
    refused.json(&body).send().refused(Code::ValidationFailed);

    let mailed = operator::named("notifications-send-email");
    let lines = eventually("the whole path in the log", || {
        let lines = logs::of(&correlation);
        let said = |function: Option<&str>, message: &str| {
            let by = |line: &&Value| function.is_none_or(|function| line["span"]["function"] == function);
            lines.iter().filter(by).any(|line| line["message"] == message)
        };
        (said(None, "answered") && said(None, "refused") && said(Some(&mailed), "handled")).then_some(lines)
    });
    let text = serde_json::to_string(&lines).unwrap();
    let cart_token = buyer.cart_token.as_deref().unwrap();
    let order_token = buyer.order_token.as_deref().unwrap();
    for secret in [buyer.email.as_str(), "Lovelace", "Hauptstraße", "10115", cart_token, order_token] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}
