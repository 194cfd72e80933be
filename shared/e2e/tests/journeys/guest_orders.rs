use api::Code;
use e2e::buyer::Buyer;
use e2e::goods::goods;
use e2e::operator::Table;
use e2e::people::{PASSWORD, Person, new_address, shopper, shopper_at};
use e2e::shop::{delete, eventually_by_queue, get, post};
use e2e::unique;
use serde_json::{Value, json};

/// A guest's order of one lamp under this address.
fn guest_order(email: &str) -> (Buyer, Value) {
    let lamp = goods(1999, 1);
    let mut buyer = Buyer::guest();
    email.clone_into(&mut buyer.email);
    buyer.add(&lamp.sku, 1).expect(200);
    let order = buyer.order();
    (buyer, order)
}

fn orders(person: &Person) -> Vec<Value> {
    get("/orders").bearer(&person.access_token).send().expect(200)["data"].as_array().unwrap().clone()
}

/// The order in the shopper's list, as soon as it is there.
fn listed(person: &Person, order: &Value) -> Value {
    eventually_by_queue("the guest's order in the list", || {
        orders(person).into_iter().find(|listed| listed["number"] == order["number"])
    })
}

#[test]
fn whoever_registers_later_finds_what_they_ordered_as_a_guest() {
    let email = new_address();
    let (buyer, order) = guest_order(&email);
    let person = shopper_at(&email, "Ada Lovelace");
    let listed = listed(&person, &order);
    assert_eq!((&listed["id"], &listed["total"]), (&order["id"], &order["total"]));
    let path = format!("/orders/{}", order["id"].as_str().unwrap());
    assert_eq!(get(&path).bearer(&person.access_token).send().expect(200)["number"], order["number"]);
    assert_eq!(buyer.show(get(&path)).send().expect(200)["number"], order["number"], "the token opens it as before");
    get(&path).bearer(&shopper().access_token).send().refused(Code::NotFound);
}

#[test]
fn of_what_is_ordered_with_an_account_s_address_the_account_shows_number_and_status() {
    let person = shopper();
    let (buyer, order) = guest_order(&person.email);
    let glimpse = |status: &str| json!({ "number": order["number"], "status": status });
    assert_eq!(listed(&person, &order), glimpse("pending_payment"));
    let path = format!("/orders/{}", order["id"].as_str().unwrap());
    get(&path).bearer(&person.access_token).send().refused(Code::NotFound);
    let cancel = post(&format!("{path}/cancellations"));
    cancel.clone().bearer(&person.access_token).key(&unique()).json(&json!({})).send().refused(Code::NotFound);
    buyer.show(cancel).key(&unique()).json(&json!({})).send().expect(200);
    assert_eq!(orders(&person), [glimpse("cancelled")]);
}

#[test]
fn nobody_else_finds_a_guest_s_order() {
    let (other, (_, order)) = (shopper(), guest_order(&new_address()));
    let person = shopper();
    let (_, own) = guest_order(&person.email);
    assert_eq!(listed(&person, &own)["number"], own["number"]);
    for somebody in [&other, &person] {
        assert!(orders(somebody).iter().all(|listed| listed["number"] != order["number"]));
    }
}

#[test]
fn a_guest_s_order_outlives_the_account_whose_address_it_has() {
    let person = shopper();
    let (buyer, order) = guest_order(&person.email);
    assert_eq!(listed(&person, &order)["number"], order["number"]);
    let leaving = delete("/me").bearer(&person.access_token).json(&json!({ "password": PASSWORD })).send();
    assert_eq!(leaving.status, 204);

    let id = order["id"].as_str().unwrap();
    let row = || Table::of("orders").get(&format!("ORDER#{id}"), "ORDER").unwrap();
    let open = eventually_by_queue("the account to be gone from the order", || {
        Some(row()).filter(|row| row.get("listed_for").is_none())
    });
    assert_eq!((&open["status"], &open["departed"]), (&json!("pending_payment"), &json!("addressee")));
    assert_eq!((&open["email"], open.get("gsi1pk")), (&json!(person.email), None));

    // Whoever has the address next is somebody else.
    let again = shopper_at(&person.email, "Another Ada");
    let cancel = post(&format!("/orders/{id}/cancellations"));
    buyer.show(cancel).key(&unique()).json(&json!({})).send().expect(200);
    let over = row();
    assert_eq!((&over["email"], over.get("departed")), (&json!("erased@erased.invalid"), None));
    assert_eq!(buyer.read_order(id)["shipping_address"], order["shipping_address"], "it is still the guest's");
    assert_eq!(orders(&again), Vec::<Value>::new());
}
