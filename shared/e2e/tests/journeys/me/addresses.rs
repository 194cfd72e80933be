//! The address book, and orders that go to an address of it.

use api::Code;
use e2e::buyer::{Buyer, address};
use e2e::crowd::at_once;
use e2e::goods::goods;
use e2e::people::{Person, shopper};
use e2e::shop::{Answer, delete, get, post, put};
use e2e::{settings, unique};
use serde_json::{Value, json};

use super::{by, me, refuses};

fn add(person: &Person, entry: &Value) -> Answer {
    by(person, post("/me/addresses")).json(entry).send()
}

fn entry(city: &str) -> Value {
    let mut address = address();
    address["city"] = json!(city);
    json!({ "address": address })
}

#[track_caller]
fn book(person: &Person) -> Vec<Value> {
    by(person, get("/me/addresses")).send().expect(200)["data"].as_array().unwrap().clone()
}

fn path(entry: &Value) -> String {
    format!("/me/addresses/{}", entry["id"].as_str().unwrap())
}

#[test]
fn a_shopper_keeps_addresses_and_says_which_of_them_serve() {
    let person = shopper();
    assert_eq!(book(&person), Vec::<Value>::new());
    let home = add(&person, &entry("Berlin")).expect(201);
    assert_eq!((&home["default_shipping"], &home["default_billing"]), (&json!(true), &json!(true)));
    let mut office = entry("Hamburg");
    office["default_billing"] = json!(true);
    let answer = add(&person, &office);
    let office = answer.expect(201);
    assert_eq!(answer.header("location"), Some(format!("/v1{}", path(&office)).as_str()));
    let shown = me(&person);
    assert_eq!((&shown["default_shipping"], &shown["default_billing"]), (&home["id"], &office["id"]));

    let moved = by(&person, put(&path(&home))).json(&entry("Potsdam")).send().expect(200);
    assert_eq!((&moved["address"]["city"], &moved["default_shipping"]), (&json!("Potsdam"), &json!(true)));
    assert_eq!(book(&person), [moved, office.clone()]);

    by(&person, delete(&path(&home))).send().expect(204);
    by(&person, delete(&path(&home))).send().refused(Code::NotFound);
    by(&person, put(&path(&home))).json(&entry("Berlin")).send().refused(Code::NotFound);
    assert_eq!(book(&person), [office]);
    assert_eq!(me(&person).get("default_shipping"), None);
}

#[test]
fn an_address_follows_the_rules_of_its_country() {
    let person = shopper();
    let with = |field: &str, value: &str| {
        let mut entry = entry("Berlin");
        entry["address"][field] = json!(value);
        entry
    };
    let bad = [
        (with("country", "XX"), "/address/country"),
        (with("postal_code", "1"), "/address/postal_code"),
        (with("country", "US"), "/address/region"),
        (with("name", " "), "/address/name"),
        (with("line1", ""), "/address/line1"),
        (with("city", "\u{7}"), "/address/city"),
        (with("phone", "110"), "/address/phone"),
        (json!({}), "/address"),
    ];
    refuses(&person, post, "/me/addresses", &bad);
    let home = add(&person, &entry("Berlin")).expect(201);
    refuses(&person, put, &path(&home), &bad);
    assert_eq!(book(&person), [home]);
}

#[test]
fn a_book_has_twenty_addresses_however_many_come_at_once() {
    let person = shopper();
    for _ in 0..15 {
        add(&person, &entry("Berlin")).expect(201);
    }
    let answers = at_once(10, |_| add(&person, &entry("Berlin")));
    for refused in answers.iter().filter(|answer| ![201, 503].contains(&answer.status)) {
        refused.refused(Code::AddressBookFull);
    }
    let added = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(book(&person).len(), 15 + added);
    for _ in book(&person).len()..20 {
        add(&person, &entry("Berlin")).expect(201);
    }
    add(&person, &entry("Berlin")).refused(Code::AddressBookFull);
    by(&person, delete(&path(&book(&person)[0]))).send().expect(204);
    add(&person, &entry("Berlin")).expect(201);
}

#[test]
fn the_address_of_another_shopper_is_not_found_and_stays_as_it_is() {
    let (owner, other) = (shopper(), shopper());
    let home = add(&owner, &entry("Berlin")).expect(201);
    by(&other, put(&path(&home))).json(&entry("Hamburg")).send().refused(Code::NotFound);
    by(&other, delete(&path(&home))).send().refused(Code::NotFound);
    for id in ["nonsense", "addr_1", "addr_01JH8Z6V0W4T3N9Q2RSKX7M5CD"] {
        by(&owner, delete(&format!("/me/addresses/{id}"))).send().refused(Code::NotFound);
    }
    assert_eq!((book(&owner), book(&other)), (vec![home.clone()], vec![]));

    let _settings = settings::unchanged();
    let buyer = Buyer::signed_in(other);
    buyer.add(&goods(1999, 5).sku, 1).expect(200);
    let body = json!({ "cart_id": buyer.cart_id, "address_id": home["id"] });
    buyer.show(post("/quotes")).json(&body).send().refused(Code::AddressNotFound);
}

#[test]
fn an_order_goes_to_an_address_of_the_book_and_keeps_it_as_it_was() {
    let _settings = settings::unchanged();
    let person = shopper();
    let home = add(&person, &entry("Potsdam")).expect(201);
    let buyer = Buyer::signed_in(person.clone());
    buyer.add(&goods(1999, 5).sku, 1).expect(200);
    let mut body = json!({ "cart_id": buyer.cart_id, "address_id": home["id"], "shipping_method": "standard" });
    let quote = buyer.show(post("/quotes")).json(&body).send().expect(200);
    body["expected_total"] = quote["total"].clone();
    let order = buyer.show(post("/orders")).key(&unique()).json(&body).send().expect(201);
    assert_eq!(order["shipping_address"], home["address"]);

    by(&person, put(&path(&home))).json(&entry("Hamburg")).send().expect(200);
    by(&person, delete(&path(&home))).send().expect(204);
    assert_eq!(buyer.read_order(order["id"].as_str().unwrap())["shipping_address"], home["address"]);
}

#[test]
fn an_order_goes_to_one_address_that_is_there() {
    let _settings = settings::unchanged();
    let person = shopper();
    let home = add(&person, &entry("Potsdam")).expect(201);
    let (signed_in, guest) = (Buyer::signed_in(person), Buyer::guest());
    let lamp = goods(1999, 5);
    for buyer in [&signed_in, &guest] {
        buyer.add(&lamp.sku, 1).expect(200);
    }
    let quote = |buyer: &Buyer, to: Value| {
        let mut body = to;
        body["cart_id"] = json!(buyer.cart_id);
        buyer.show(post("/quotes")).json(&body).send()
    };
    for (buyer, to, code, pointer) in [
        (&guest, json!({ "address_id": home["id"] }), Code::AddressNotFound, "/address_id"),
        (&signed_in, json!({ "address_id": "addr_01JH8Z6V0W4T3N9Q2RSKX7M5CD" }), Code::AddressNotFound, "/address_id"),
        (&signed_in, json!({ "address_id": "nonsense" }), Code::ValidationFailed, "/address_id"),
        (&signed_in, json!({}), Code::ValidationFailed, "/shipping_address"),
        (
            &signed_in,
            json!({ "address_id": home["id"], "shipping_address": address() }),
            Code::ValidationFailed,
            "/address_id",
        ),
    ] {
        let refused = quote(buyer, to).refused(code);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
}
