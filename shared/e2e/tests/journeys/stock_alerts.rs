//! Shoppers and guests who wait for what is sold out.

use api::Code;
use e2e::buyer::Buyer;
use e2e::goods::{adjust, goods, goods_of, product_body};
use e2e::mailbox::{Mail, await_code, mails_to};
use e2e::operator::{Queue, Table};
use e2e::people::{PASSWORD, new_address, shopper};
use e2e::products::{created, in_sizes, skus};
use e2e::settings;
use e2e::shop::{eventually_by_queue, post};
use e2e::stock::{wait_for, waiting};
use e2e::unique;
use serde_json::{Value, json};

/// Mails to `address` that name the SKU.
fn told(address: &str, sku: &str) -> Vec<Mail> {
    mails_to(address).into_iter().filter(|mail| mail.text.contains(sku)).collect()
}

#[track_caller]
fn await_told(address: &str, sku: &str) -> Mail {
    eventually_by_queue(&format!("a mail to {address} about {sku}"), || told(address, sku).into_iter().next())
}

fn guest(sku: &str, email: &str, locale: &str) -> Value {
    json!({ "sku": sku, "email": email, "locale": locale })
}

/// Orders all that is there; gives the buyer and the order.
fn sold_out(lamp: &e2e::goods::Goods, units: u32) -> (Buyer, String) {
    let mut buyer = Buyer::guest();
    buyer.add(&lamp.sku, units).expect(200);
    let order = buyer.order()["id"].as_str().unwrap().to_owned();
    (buyer, order)
}

#[test]
fn a_guest_and_a_shopper_hear_once_that_it_is_back() {
    let _settings = settings::unchanged();
    let (lamp, ada, email) = (goods(1999, 1), shopper(), new_address());
    let german = guest(&lamp.sku, &email, "de");
    let there = wait_for(&lamp, None, &german).refused(Code::InStock);
    assert_eq!(there["sku"], json!(lamp.sku));
    let (buyer, order) = sold_out(&lamp, 1);
    for _ in 0..2 {
        assert_eq!(wait_for(&lamp, None, &german).expect(202), json!({ "status": "registered" }));
        wait_for(&lamp, Some(&ada), &json!({ "sku": lamp.sku })).expect(202);
    }
    assert_eq!(waiting(&lamp.sku).len(), 2);

    // Whoever ordered the last one cancels.
    let call = buyer.show(post(&format!("/orders/{order}/cancellations"))).key(&unique());
    call.json(&json!({})).send().expect(200);
    let mail = await_told(&email, &lamp.sku);
    assert!(mail.subject.ends_with("wieder da") && mail.html.contains(r#"<html lang="de">"#), "{mail:?}");
    let mail = await_told(&ada.email, &lamp.sku);
    assert!(mail.subject.contains("is back") && mail.html.contains(r#"<html lang="en">"#), "{mail:?}");
    assert!(waiting(&lamp.sku).is_empty());

    // It sells out and comes again, for somebody else who waits now: those who were told hear nothing more.
    let _ = sold_out(&lamp, 1);
    let other = new_address();
    wait_for(&lamp, None, &guest(&lamp.sku, &other, "en")).expect(202);
    adjust(&lamp.sku, 4);
    await_told(&other, &lamp.sku);
    for address in [&email, &ada.email, &other] {
        assert_eq!(told(address, &lamp.sku).len(), 1, "{address}");
    }
}

#[test]
fn a_shopper_hears_by_the_address_of_their_account_and_gives_none() {
    let _settings = settings::unchanged();
    let (lamp, ada) = (goods(1999, 0), shopper());
    let refused = wait_for(&lamp, Some(&ada), &guest(&lamp.sku, &new_address(), "en")).refused(Code::ValidationFailed);
    assert_eq!(refused["errors"][0]["pointer"], "/email");
    wait_for(&lamp, None, &json!({ "sku": lamp.sku })).refused(Code::EmailRequired);
    assert!(waiting(&lamp.sku).is_empty());
    wait_for(&lamp, Some(&ada), &json!({ "sku": lamp.sku })).expect(202);
    let rows = waiting(&lamp.sku);
    assert!(!rows[0].to_string().contains(&ada.email), "the address is looked up when there is something to tell");
}

#[test]
fn an_account_s_places_are_its_own_and_are_taken_by_nobody_who_gives_its_address() {
    let _settings = settings::unchanged();
    let (lamp, ada) = (goods(1999, 0), shopper());
    wait_for(&lamp, None, &guest(&lamp.sku, &ada.email, "de")).expect(202);
    wait_for(&lamp, Some(&ada), &json!({ "sku": lamp.sku })).expect(202);
    assert_eq!(waiting(&lamp.sku).len(), 2);
}

#[test]
fn whoever_moves_to_another_address_hears_there_and_leaves_no_wish_behind() {
    let _settings = settings::unchanged();
    let (mine, theirs, ada, new) = (goods(1999, 0), goods(1999, 0), shopper(), new_address());
    wait_for(&mine, Some(&ada), &json!({ "sku": mine.sku })).expect(202);
    wait_for(&theirs, None, &guest(&theirs.sku, &ada.email, "en")).expect(202);
    let by_ada = |path: &str, body: Value| post(path).bearer(&ada.access_token).json(&body).send();
    by_ada("/me/email-changes", json!({ "email": new, "password": PASSWORD })).expect(202);
    let code = await_code(&new, 0);
    by_ada("/me/email-changes/confirmations", json!({ "email": new, "code": code })).expect(200);
    eventually_by_queue("the wish at the old address to be forgotten", || {
        waiting(&theirs.sku).is_empty().then_some(())
    });

    // Whoever has that address now waits for themselves.
    wait_for(&mine, None, &guest(&mine.sku, &ada.email, "de")).expect(202);
    adjust(&mine.sku, 1);
    await_told(&new, &mine.sku);
    await_told(&ada.email, &mine.sku);
    assert_eq!([&new, &ada.email].map(|address| told(address, &mine.sku).len()), [1, 1]);
}

#[test]
fn there_is_no_waiting_for_what_shoppers_do_not_see() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 0);
    let wish = |sku: &str| guest(sku, "guest@example.com", "en");
    wait_for(&lamp, None, &wish("NO-SUCH-SKU")).refused(Code::NotFound);
    let elsewhere = e2e::goods::Goods { id: goods(1999, 0).id, ..lamp.clone() };
    wait_for(&elsewhere, None, &wish(&lamp.sku)).refused(Code::NotFound);
    let mut body = product_body(1999);
    body["status"] = json!("draft");
    let draft = goods_of(&body, 0);
    wait_for(&draft, None, &wish(&draft.sku)).refused(Code::NotFound);
    for (body, pointer) in [
        (json!({ "sku": lamp.sku, "email": "nobody" }), "/email"),
        (json!({ "sku": lamp.sku, "email": "nobody@shop.invalid" }), "/email"),
        (json!({ "sku": "?", "email": "guest@example.com" }), "/sku"),
        (json!({ "email": "guest@example.com" }), "/sku"),
        (json!({ "sku": lamp.sku, "email": "guest@example.com", "locale": "xx" }), "/locale"),
    ] {
        let refused = wait_for(&lamp, None, &body).refused(Code::ValidationFailed);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
}

#[test]
fn what_becomes_a_draft_and_is_sold_again_is_back_for_who_waited() {
    let _settings = settings::unchanged();
    let (lamp, email) = (goods(1999, 0), new_address());
    wait_for(&lamp, None, &guest(&lamp.sku, &email, "en")).expect(202);
    let product = json!({ "id": lamp.id });
    e2e::products::change(&product, &json!({ "status": "draft" })).expect(200);
    adjust(&lamp.sku, 3);
    // A draft cannot be bought, so nobody hears of it, whoever says so.
    let queue = Queue::of("catalog-send-stock-alerts");
    queue.send(&json!({ "sku": lamp.sku, "correlation_id": unique() }).to_string());
    eventually_by_queue("the message to be handled", || {
        let depth = queue.depth();
        (depth.visible + depth.in_flight == 0).then_some(())
    });
    assert_eq!(waiting(&lamp.sku).len(), 1);
    e2e::products::change(&product, &json!({ "status": "active" })).expect(200);
    await_told(&email, &lamp.sku);
    assert_eq!(told(&email, &lamp.sku).len(), 1);
}

#[test]
fn an_address_waits_for_twenty_things_at_most() {
    let _settings = settings::unchanged();
    let product = created(&in_sizes(21));
    let (skus, email) = (skus(&product), new_address());
    let ask = |sku: &String| {
        let call = post(&format!("/products/{}/stock-alerts", product["id"].as_str().unwrap()));
        call.json(&guest(sku, &email, "en")).send()
    };
    for sku in &skus[..20] {
        ask(sku).expect(202);
    }
    ask(&skus[20]).refused(Code::TooManyAlerts);
    ask(&skus[7]).expect(202);
    assert!(waiting(&skus[20]).is_empty());

    // One that it heard of makes room for another.
    adjust(&skus[3], 1);
    await_told(&email, &skus[3]);
    ask(&skus[20]).expect(202);
}

#[test]
fn more_than_one_message_s_worth_of_people_hear_of_it_each_once() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 0);
    let addresses: Vec<String> = (0..30).map(|_| new_address()).collect();
    for address in &addresses {
        wait_for(&lamp, None, &guest(&lamp.sku, address, "en")).expect(202);
    }
    adjust(&lamp.sku, 1);
    for address in &addresses {
        await_told(address, &lamp.sku);
    }
    assert!(addresses.iter().all(|address| told(address, &lamp.sku).len() == 1));
    assert!(waiting(&lamp.sku).is_empty());
    let slots = Table::of("catalog").scan("ALERTS#");
    assert!(slots.iter().all(|slot| slot["sku"] != json!(lamp.sku)), "their places are free again");
}
