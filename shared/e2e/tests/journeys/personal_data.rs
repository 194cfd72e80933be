//! Somebody with data everywhere gets a copy of it, leaves, and is found nowhere any more, but where something is still on its way to them.

use std::fmt::Write as _;

use api::Code;
use aws_lc_rs::digest::{SHA256, digest};
use e2e::buyer::{Buyer, address};
use e2e::declarations::{self, Personal};
use e2e::goods::{Goods, available, goods};
use e2e::mailbox::await_mail;
use e2e::operator::{self, Depth, Queue, Table};
use e2e::people::{PASSWORD, Person, refresh, shopper, shopper_at, shopper_called, sign_in};
use e2e::shop::{delete, eventually, eventually_by_queue, eventually_within, fetch, get, post, setting};
use e2e::staff::change;
use e2e::stock::wait_for;
use e2e::{settings, unique};
use serde_json::{Value, json};

const TABLES: [&str; 6] = ["users", "catalog", "cart", "orders", "payments", "notifications"];

/// Somebody whose every trace can be told from anybody else's.
struct Ada {
    person: Person,
    name: String,
    id: String,
}

impl Ada {
    fn new() -> Self {
        let name = format!("Ada {}", unique());
        let person = shopper_called(&name);
        let me = get("/me").bearer(&person.access_token).send().expect(200);
        Self { id: me["id"].as_str().unwrap().to_owned(), person, name }
    }

    fn names(&self) -> [&str; 2] {
        [&self.name, &self.person.email]
    }

    /// Whether `text` says who she is.
    fn is_named_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.names().into_iter().any(|name| text.contains(&name.to_lowercase()))
    }

    /// What stands for her address where a key may not show it.
    fn hash(&self) -> String {
        digest(&SHA256, self.person.email.as_bytes()).as_ref().iter().fold(String::new(), |mut hash, byte| {
            write!(hash, "{byte:02x}").unwrap();
            hash
        })
    }

    fn address(&self) -> Value {
        let mut address = address();
        address["name"] = self.name.as_str().into();
        address
    }

    /// Buys something, sent to her name; the order.
    fn buys(&self) -> (Buyer, Value) {
        self.buys_one(&goods(1999, 5))
    }

    fn buys_one(&self, goods: &Goods) -> (Buyer, Value) {
        let mut buyer = Buyer::signed_in(self.person.clone());
        buyer.add(&goods.sku, 1).expect(200);
        let total = buyer.quote().expect(200)["total"].clone();
        let mut body = buyer.order_body(&total);
        body["shipping_address"] = self.address();
        body["billing_address"] = self.address();
        let order = buyer.show(post("/orders")).key(&unique()).json(&body).send().expect(201);
        buyer.order_token = None;
        (buyer, order)
    }

    /// Waits for two things that are sold out, once signed in and once by her address alone; their SKUs.
    fn waits(&self) -> [String; 2] {
        let [mine, theirs] = [0, 1].map(|_| goods(1999, 0));
        wait_for(&mine, Some(&self.person), &json!({ "sku": mine.sku })).expect(202);
        wait_for(&theirs, None, &json!({ "sku": theirs.sku, "email": self.person.email })).expect(202);
        [mine.sku, theirs.sku]
    }

    fn leaves(&self) {
        let call = delete("/me").bearer(&self.person.access_token);
        assert_eq!(call.json(&json!({ "password": PASSWORD })).send().status, 204);
    }

    /// Every row that says who she is, or that names her id where it must not, with what its kind declares. What an order may keep until it
    /// is over does not count.
    fn rows(&self) -> Vec<String> {
        let kinds = declarations::by_name();
        let mut found = Vec::new();
        for table in TABLES {
            for mut row in Table::of(table).scan_all() {
                kept(&row).iter().for_each(|field| drop(row.as_object_mut().unwrap().remove(*field)));
                let text = row.to_string();
                let kind = row["type"].as_str().unwrap_or_else(|| panic!("{table} has a row without a type: {text}"));
                let personal =
                    kinds.get(kind).unwrap_or_else(|| panic!("{table} has a row of the unknown kind {kind}"));
                // A bare id, or a hash, may stay where it is said why.
                let leads = text.contains(&self.id) || text.contains(&self.hash());
                if self.is_named_in(&text) || (leads && *personal != Personal::Keep) {
                    found.push(format!("{table}: {kind} ({personal:?}) {} {}", row["pk"], row["sk"]));
                }
            }
        }
        found
    }

    /// Every object in the bucket of copies that is hers.
    fn files(&self) -> Vec<String> {
        operator::objects(&bucket()).into_iter().filter(|key| key.contains(&self.id)).collect()
    }
}

/// What an order that is not over keeps of somebody who left: to arrive, or to be told of as the guest who ordered it wished.
fn kept(row: &Value) -> &'static [&'static str] {
    match (row["status"].as_str(), row["departed"].as_str()) {
        (Some("confirmed"), Some("shopper")) => &["email", "shipping_address", "billing_address"],
        (Some("pending_payment" | "confirmed"), Some("addressee")) => &["email"],
        _ => &[],
    }
}

fn bucket() -> String {
    operator::buckets()
        .into_iter()
        .find(|name| name.starts_with(&operator::named("data-")))
        .expect("the bucket of copies")
}

/// Asks for a copy and waits for it; the file.
fn export_of(ada: &Ada) -> Value {
    let token = &ada.person.access_token;
    let asked = post("/me/exports").bearer(token).send().expect(202);
    let again = post("/me/exports").bearer(token).send().expect(202);
    assert_eq!(asked["id"], again["id"], "whoever asks twice");
    let path = format!("/me/exports/{}", asked["id"].as_str().unwrap());
    let ready = eventually_by_queue("the copy to be ready", || {
        let export = get(&path).bearer(token).send().expect(200);
        (export["status"] == "ready").then_some(export)
    });
    await_mail(&ada.person.email, asked["id"].as_str().unwrap());
    let file = fetch(ready["url"].as_str().unwrap()).expect(200);
    let soon = post("/me/exports").bearer(token).send().expect(202);
    assert_eq!((&soon["id"], &soon["status"]), (&asked["id"], &json!("ready")), "one export a day");
    let key = format!("{}/{}/export.json", ada.id, asked["id"].as_str().unwrap());
    let unsigned = fetch(&format!("{}/{}/{key}", setting("SOUK_EMULATOR_URL"), bucket()));
    assert_ne!(unsigned.status, 200, "without the link's signature nobody gets the file");
    let other = shopper();
    get(&path).bearer(&other.access_token).send().refused(Code::NotFound);
    file
}

#[test]
fn a_copy_has_what_every_service_keeps() {
    let _settings = settings::unchanged();
    let ada = Ada::new();
    let (buyer, order) = ada.buys();
    buyer.pay(order["id"].as_str().unwrap());
    await_mail(&ada.person.email, order["number"].as_str().unwrap());
    post("/me/addresses")
        .bearer(&ada.person.access_token)
        .json(&json!({ "address": ada.address() }))
        .send()
        .expect(201);
    let mut waited_for = ada.waits();
    let file = export_of(&ada);
    let alerts = file["catalog"]["stock_alerts"].as_array().unwrap();
    let mut told: Vec<&str> = alerts.iter().map(|alert| alert["sku"].as_str().unwrap()).collect();
    told.sort_unstable();
    waited_for.sort_unstable();
    assert_eq!(told, waited_for);
    assert_eq!(file["users"]["profile"]["email"], ada.person.email.as_str());
    assert_eq!(file["users"]["addresses"][0]["address"]["name"], ada.name.as_str());
    assert_eq!(file["cart"]["carts"][0]["id"], buyer.cart_id.as_str());
    assert_eq!(file["orders"]["orders"][0]["id"], order["id"]);
    assert_eq!(file["payments"]["payments"][0]["order_id"], order["id"]);
    let mails = file["notifications"]["mails"].as_array().unwrap();
    assert!(
        mails.iter().any(|mail| mail["notice"] == "order_confirmed" && mail["order_id"] == order["id"]),
        "{mails:?}"
    );
}

#[test]
fn whoever_leaves_is_found_nowhere_and_the_books_still_add_up() {
    let _settings = settings::unchanged();
    let ada = Ada::new();
    let token = &ada.person.access_token;
    post("/me/addresses").bearer(token).json(&json!({ "address": ada.address() })).send().expect(201);
    let (buyer, order) = ada.buys();
    let id = order["id"].as_str().unwrap();
    buyer.pay(id);
    await_mail(&ada.person.email, order["number"].as_str().unwrap());
    let (unpaid, cancelled) = ada.buys();
    let cancel = post(&format!("/orders/{}/cancellations", cancelled["id"].as_str().unwrap()));
    let reason = format!("{} has moved", ada.name);
    unpaid.show(cancel).key(&unique()).json(&json!({ "reason": reason })).send().expect(200);
    // What somebody ordered with her address, without signing in: it may have been her, and it may not.
    let mut guest = Buyer::guest();
    guest.email.clone_from(&ada.person.email);
    guest.add(&goods(1999, 5).sku, 1).expect(200);
    let guests = guest.order();
    guest.pay(guests["id"].as_str().unwrap());
    await_mail(&ada.person.email, guests["number"].as_str().unwrap());
    let waited_for = ada.waits();
    let _ = export_of(&ada);
    change(&ada.id, &json!({ "totp": false })).expect(200);
    for table in ["users", "catalog", "cart", "orders", "payments", "notifications"] {
        assert!(
            ada.rows().iter().any(|row| row.starts_with(table)),
            "nothing to look for in {table}: {:?}",
            ada.rows()
        );
    }
    assert!(!ada.files().is_empty());

    let lamp = goods(1999, 5);
    let (paying, pending) = ada.buys_one(&lamp);
    let pending = pending["id"].as_str().unwrap();
    let payment = paying.create_payment(pending, &unique()).expect(201);
    let wrong = delete("/me").bearer(token).json(&json!({ "password": "Wrong-horse-7-battery" })).send();
    wrong.refused(Code::CredentialsInvalid);
    ada.leaves();
    refresh(&ada.person).refused(Code::CredentialsInvalid);
    // Her token is good for some minutes more; what she does with it goes, too.
    let late = Buyer::signed_in(ada.person.clone());
    get("/me").bearer(token).send().refused(Code::NotFound);

    await_mail(&ada.person.email, "deleted");
    eventually_within(240, "nothing to be left of her", || {
        let (rows, files) = (ada.rows(), ada.files());
        (rows.is_empty() && files.is_empty()).then_some(())
    });
    assert!(Table::of("cart").get(&format!("CART#{}", late.cart_id), "CART").is_none());
    for sku in &waited_for {
        assert!(e2e::stock::waiting(sku).is_empty(), "{sku}");
    }
    // What staff did to her account stays known, of a bare id.
    assert_eq!(Table::of("users").partition(&format!("AUDIT#{}", ada.id)).len(), 1);
    sign_in(&ada.person.email, PASSWORD).refused(Code::CredentialsInvalid);
    holds_what_the_law_needs(id, &order, "confirmed");
    is_on_its_way(id, &ada);
    holds_what_the_law_needs(cancelled["id"].as_str().unwrap(), &cancelled, "cancelled");
    is_let_go(pending, &payment, &lamp);
    is_still_the_guest_s(&guest, &guests);
    is_in_no_queue(&ada);

    // The address is free for a new account, which has nothing of the old one.
    let again = shopper_at(&ada.person.email, "Another Ada");
    let orders = get("/orders").bearer(&again.access_token).send().expect(200);
    assert_eq!(orders["data"], json!([]));
}

/// The order's figures, without the account.
fn holds_what_the_law_needs(id: &str, placed: &Value, status: &str) {
    let kept = Table::of("orders").get(&format!("ORDER#{id}"), "ORDER").expect("the order is kept");
    for field in ["number", "total", "tax", "tax_lines", "subtotal", "shipping"] {
        assert_eq!(kept[field], placed[field], "{field}");
    }
    assert_eq!(kept["shipping_address"]["country"], "DE");
    assert_eq!(kept["status"], status);
    for field in ["user_id", "listed_for", "gsi1pk", "gsi1sk"] {
        assert_eq!(kept.get(field), None, "{field}");
    }
    for payment in Table::of("payments").indexed(&format!("ORDER#{id}")) {
        assert_eq!((&payment["captured"], payment.get("user_id")), (&placed["total"], None));
    }
}

/// What is paid and not shipped still knows where to, and whom to tell.
fn is_on_its_way(id: &str, ada: &Ada) {
    let order = Table::of("orders").get(&format!("ORDER#{id}"), "ORDER").unwrap();
    assert_eq!((&order["departed"], &order["email"]), (&json!("shopper"), &json!(ada.person.email)));
    for field in ["shipping_address", "billing_address"] {
        assert_eq!(order[field]["name"], ada.name.as_str(), "{field}");
    }
}

/// What was not paid is closed, its goods are free, and nobody can pay it any more.
fn is_let_go(id: &str, payment: &Value, lamp: &Goods) {
    let order = Table::of("orders").get(&format!("ORDER#{id}"), "ORDER").unwrap();
    assert_eq!((&order["status"], &order["payment_status"]), (&json!("cancelled"), &json!("voided")));
    assert_eq!(order["timeline"][1]["detail"], "The shopper deleted their account.");
    assert_eq!((order.get("departed"), &order["email"]), (None, &json!("erased@erased.invalid")));
    assert_eq!(order["shipping_address"]["name"], "erased");
    eventually("the stock to be free", || (available(lamp) == 5).then_some(()));
    let key = format!("PAYMENT#{}", payment["id"].as_str().unwrap());
    let closed = || Table::of("payments").get(&key, "PAYMENT").filter(|payment| payment["status"] == "cancelled");
    let payment = eventually_by_queue("the payment to be closed", closed);
    assert_eq!(payment.get("user_id"), None);
}

/// What a guest ordered with her address knows of no account any more, and opens to the guest as before.
fn is_still_the_guest_s(guest: &Buyer, order: &Value) {
    let id = order["id"].as_str().unwrap();
    let row = Table::of("orders").get(&format!("ORDER#{id}"), "ORDER").unwrap();
    let links = ["user_id", "listed_for", "gsi1pk", "gsi1sk"].map(|field| row.get(field));
    assert_eq!((links, &row["departed"]), ([None; 4], &json!("addressee")));
    assert_eq!(guest.read_order(id)["shipping_address"], order["shipping_address"]);
}

/// Not in the queues either, wherever messages end up that nobody could handle, and whatever waits for later.
fn is_in_no_queue(ada: &Ada) {
    let queues = operator::queue_names();
    let deletions = || queues.iter().filter(|name| name.ends_with("-on-user-deleted")).map(|name| Queue::of(name));
    eventually_within(120, "the last look after her", || {
        let is_empty = |queue: Queue| queue.depth() == Depth { visible: 0, in_flight: 0, delayed: 0 };
        deletions().all(is_empty).then_some(())
    });
    assert_eq!(deletions().count(), 6);
    for name in &queues {
        let found = Queue::of(name).take_where(|body| ada.is_named_in(body) || body.contains(&ada.id));
        assert!(found.is_none(), "{name}: {found:?}");
    }
    assert!(queues.iter().any(|name| name.ends_with("-dead-letters")));
}
