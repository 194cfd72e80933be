use api::Code;
use e2e::buyer::Buyer;
use e2e::goods::{available, goods};
use e2e::mailbox::await_mail;
use e2e::shop::{eventually, eventually_within, post};
use e2e::{settings, unique};
use serde_json::json;

#[test]
fn an_unpaid_order_is_cancelled_its_stock_is_free_again_and_a_mail_says_so() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let mut buyer = Buyer::guest();
    buyer.add(&lamp.sku, 2).expect(200);
    let order = buyer.order();
    let id = order["id"].as_str().unwrap();
    assert_eq!(available(&lamp), 3);

    let cancel = || {
        let call = post(&format!("/orders/{id}/cancellations"));
        buyer.show(call).key(&unique()).json(&json!({ "reason": "Changed my mind" })).send()
    };
    let cancelled = cancel().expect(200);
    assert_eq!((&cancelled["status"], &cancelled["payment_status"]), (&json!("cancelled"), &json!("voided")));
    eventually("the stock to be free", || (available(&lamp) == 5).then_some(()));
    await_mail(&buyer.email, order["number"].as_str().unwrap());
    buyer.create_payment(id, &unique()).refused(Code::OrderNotPayable);
}

#[test]
fn an_order_that_is_paid_cannot_be_cancelled_this_way() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let mut buyer = Buyer::guest();
    buyer.add(&lamp.sku, 1).expect(200);
    let order = buyer.order();
    let id = order["id"].as_str().unwrap();
    buyer.pay(id);
    let call = post(&format!("/orders/{id}/cancellations"));
    buyer.show(call).key(&unique()).json(&json!({})).send().refused(Code::OrderNotCancellable);
    assert_eq!(available(&lamp), 4);
}

#[test]
fn an_order_nobody_pays_expires_and_gives_its_stock_back() {
    let _settings = settings::unchanged();
    let lamp = goods(1999, 5);
    let mut buyer = Buyer::guest();
    buyer.add(&lamp.sku, 2).expect(200);
    let order = buyer.order();
    let id = order["id"].as_str().unwrap();
    eventually_within(180, "the order to expire", || (buyer.read_order(id)["status"] == "cancelled").then_some(()));
    eventually("the stock to be free", || (available(&lamp) == 5).then_some(()));
}
