//! Bad input, as tables over every route that takes any.

use api::{Access, Code, Route};
use e2e::buyer::{Buyer, address};
use e2e::goods::{goods, product_body};
use e2e::people::{admin, shopper};
use e2e::shop::{Call, get, patch, post, put};
use e2e::{openapi, routes, unique};
use serde_json::{Value, json};

use crate::authorization::{method_of, path_of};

/// A call by somebody who may make it, without a body.
fn allowed(route: &Route, shopper_token: &str) -> Call {
    let call = Call::new(method_of(route), &path_of(route)).key(&unique());
    shown(call, route, shopper_token)
}

/// `call` with the token that the route wants.
fn shown(call: Call, route: &Route, shopper_token: &str) -> Call {
    match route.access {
        Access::Staff(_) => call.bearer(&admin().access_token),
        Access::Required => call.bearer(shopper_token),
        Access::Public | Access::Optional | Access::Provider => call,
    }
}

#[test]
fn every_body_that_is_not_what_the_route_takes_is_refused_by_name() {
    let person = shopper();
    let large = format!(r#"{{"padding":"{}"}}"#, "x".repeat(70 * 1024));
    for route in routes().iter().filter(|route| route.body.is_some()) {
        let send = |body: &str| {
            allowed(route, &person.access_token).header("Content-Type", "application/json").text(body).send()
        };
        for body in ["{", "nonsense", "{\"a\":}", "{} trailing"] {
            let answer = send(body);
            assert_eq!(answer.json()["code"], "malformed_json", "{} {body}: {}", route.path, answer.text);
            answer.refused(Code::MalformedJson);
        }
        for body in ["[]", "null", "7", "\"text\""] {
            let answer = send(body);
            assert_eq!(answer.json()["code"], "validation_failed", "{} {body}: {}", route.path, answer.text);
        }
        let unknown = send(r#"{"no_such_field":1}"#);
        assert_eq!(unknown.json()["code"], "validation_failed", "{}: {}", route.path, unknown.text);
        let pointers: Vec<Value> =
            unknown.json()["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
        assert!(pointers.contains(&json!("/no_such_field")), "{}: {}", route.path, unknown.text);
        send(&large).refused(Code::BodyTooLarge);
        let other = allowed(route, &person.access_token).header("Content-Type", "text/plain").text("{}").send();
        other.refused(Code::UnsupportedMediaType);
    }
}

/// The fields of each body, and whether they must be there, by the API's own document.
fn fields_of(document: &Value, route: &Route) -> Vec<(String, bool)> {
    let operation = &document["paths"][route.path][route.method];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let named = schema["$ref"].as_str().unwrap_or_else(|| panic!("the body of {} has no name: {schema}", route.path));
    let schema = document.pointer(named.trim_start_matches('#')).unwrap();
    let needed = schema["required"].as_array().cloned().unwrap_or_default();
    let fields = schema["properties"].as_object().into_iter().flat_map(|fields| fields.keys());
    fields.map(|field| (field.clone(), needed.iter().any(|name| name == field))).collect()
}

#[test]
fn every_field_that_is_missing_or_of_another_kind_is_told_at_its_place() {
    let person = shopper();
    let document: Value = serde_json::from_str(&openapi::document(&routes())).unwrap();
    for route in routes().iter().filter(|route| route.body.is_some()) {
        let pointers = |body: &Value| -> Vec<String> {
            let refused = allowed(route, &person.access_token).json(body).send().refused(Code::ValidationFailed);
            let errors = refused["errors"].as_array().unwrap().iter();
            errors.map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
        };
        let fields = fields_of(&document, route);
        for (field, _) in &fields {
            let told = pointers(&json!({ field: [[]] }));
            let (place, below) = (format!("/{field}"), format!("/{field}/"));
            let is_told = told.iter().any(|pointer| *pointer == place || pointer.starts_with(&below));
            assert!(is_told, "{} {}: {field} is not in {told:?}", route.method, route.path);
        }
        let needed: Vec<String> =
            fields.iter().filter(|(_, needed)| *needed).map(|(field, _)| format!("/{field}")).collect();
        if !needed.is_empty() {
            let told = pointers(&json!({}));
            assert!(needed.iter().all(|field| told.contains(field)), "{} {}: {told:?}", route.method, route.path);
        }
    }
}

#[test]
fn every_id_that_cannot_be_one_names_nothing() {
    let person = shopper();
    for route in routes().iter().filter(|route| route.body.is_none() && route.path.contains("{id}")) {
        for id in ["nonsense", "ord_1", "prod_01jh8z6v0w4t3n9q2rskx7m5cd", "%00", "..%2f..", &"x".repeat(300)] {
            let path = route.path.replace("{id}", id).replace("{sku}", "NO-SUCH-SKU");
            let answer = shown(Call::new(method_of(route), &path), route, &person.access_token).send();
            assert!([403, 404].contains(&answer.status), "{} with {id}: {} {}", route.path, answer.status, answer.text);
        }
    }
}

#[test]
fn every_list_refuses_limits_and_cursors_that_it_did_not_give() {
    let person = shopper();
    for route in routes().iter().filter(|route| route.query.iter().any(|(name, _)| *name == "cursor")) {
        let list = |query: &str| shown(get(&format!("{}?{query}", path_of(route))), route, &person.access_token).send();
        for limit in ["0", "101", "-1", "many", "1.5", ""] {
            list(&format!("limit={limit}")).refused(Code::InvalidQuery);
        }
        for cursor in ["nonsense", "AAAA", "e30"] {
            list(&format!("cursor={cursor}")).refused(Code::InvalidCursor);
        }
        list("no_such_parameter=1").refused(Code::InvalidQuery);
    }
}

#[test]
fn accounts_are_looked_for_by_one_thing_at_a_time() {
    for query in ["email=a&name=b", "email=", "name=", &format!("name={}", "x".repeat(101))] {
        get(&format!("/admin/users?{query}")).bearer(&admin().access_token).send().refused(Code::InvalidQuery);
    }
}

#[test]
fn a_cursor_goes_on_with_the_list_it_came_from_only() {
    let cursor = get("/products?limit=1").send().expect(200)["next_cursor"].as_str().unwrap().to_owned();
    get(&format!("/products?limit=5&cursor={cursor}")).send().expect(200);
    get(&format!("/products?sort=price&cursor={cursor}")).send().refused(Code::InvalidCursor);
}

#[test]
fn quantities_are_whole_positive_and_bounded() {
    let lamp = goods(1999, 5);
    let buyer = Buyer::guest();
    for quantity in [json!(0), json!(-1), json!(101), json!(1.5), json!("1"), json!(null), json!(99_999_999_999_i64)] {
        let call = buyer.show(post(&format!("/carts/{}/lines", buyer.cart_id)));
        let refused =
            call.json(&json!({ "sku": lamp.sku, "quantity": quantity })).send().refused(Code::ValidationFailed);
        assert_eq!(refused["errors"][0]["pointer"], "/quantity", "{refused}");
    }
    assert_eq!(buyer.cart().expect(200)["lines"], json!([]));
}

#[test]
fn an_address_that_the_country_does_not_know_is_refused_field_by_field() {
    let buyer = Buyer::guest();
    for (field, value) in [("country", "XX"), ("postal_code", "ABC"), ("name", ""), ("line1", " "), ("city", "\u{7}")] {
        let mut address = address();
        address[field] = json!(value);
        let body = json!({ "cart_id": buyer.cart_id, "shipping_address": address });
        let refused = buyer.show(post("/quotes")).json(&body).send().refused(Code::ValidationFailed);
        assert!(refused["errors"].to_string().contains("/shipping_address"), "{field}: {refused}");
    }
}

#[test]
fn a_product_with_several_faults_is_told_all_of_them() {
    let mut body = product_body(1999);
    body["slug"] = json!("Not A Slug");
    body["variants"][0]["price"] = json!({ "amount": -1, "currency": "EUR" });
    body["title"] = json!("");
    body["variants"].as_array_mut().unwrap().push(json!({ "sku": "?", "options": { "Size": "L" } }));
    let mut told = json!({
        "/slug": "invalid_slug", "/title": "required", "/variants/0/price/amount": "invalid_price",
        "/variants/1/sku": "invalid_sku", "/variants/1/price": "required", "/variants/1/options/Size": "option_mismatch",
    });
    let errors = |call: Call| {
        let refused = call.bearer(&admin().access_token).send().refused(Code::ValidationFailed);
        let errors = refused["errors"].as_array().unwrap().iter();
        let told = errors.map(|error| (error["pointer"].as_str().unwrap().to_owned(), error["code"].clone()));
        Value::Object(told.collect())
    };
    assert_eq!(errors(post("/admin/products").json(&body)), told);
    let lamp = goods(1999, 0);
    let path = format!("/admin/products/{}", lamp.id);
    assert_eq!(errors(put(&path).header("If-Match", "*").json(&body)), told);
    // The options that a change does not name are those that are stored, which are looked at once the body can be read.
    body.as_object_mut().unwrap().remove("options");
    told.as_object_mut().unwrap().remove("/variants/1/options/Size");
    assert_eq!(errors(patch(&path).header("If-Match", "*").json(&body)), told);
}

#[test]
fn a_rate_table_that_contradicts_itself_is_refused_and_nothing_changes() {
    let rate = json!({ "country": "DE", "region": null, "tax_class": "standard", "title": "VAT", "rate_bps": 1900 });
    let mut huge = rate.clone();
    huge["rate_bps"] = json!(10_001);
    for rates in [json!([rate, rate]), json!([huge])] {
        let body = json!({ "prices_include_tax": true, "rates": rates });
        put("/admin/tax-rates").bearer(&admin().access_token).json(&body).send().refused(Code::ValidationFailed);
    }
    let buyer = Buyer::guest();
    let lamp = goods(1999, 5);
    buyer.add(&lamp.sku, 1).expect(200);
    buyer.quote().expect(200);
}

#[test]
fn a_route_that_does_not_exist_is_a_problem_too() {
    for path in ["/nothing", "/products/x/y/z", "/admin"] {
        get(path).send().refused(Code::RouteNotFound);
    }
}
