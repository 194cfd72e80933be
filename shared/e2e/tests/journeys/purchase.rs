use e2e::buyer::Buyer;
use e2e::goods::{available, goods};
use e2e::mailbox::{await_mail, mails_to};
use e2e::people::shopper;
use e2e::settings;
use e2e::shop::get;
use serde_json::{Value, json};

fn amount(value: &Value) -> i64 {
    value["amount"].as_i64().unwrap_or_else(|| panic!("no amount in {value}"))
}

/// Holds that a page's money adds up, whatever the page.
fn adds_up(page: &Value) {
    let lines: i64 = page["lines"].as_array().unwrap().iter().map(|line| amount(&line["line_total"])).sum();
    assert_eq!(lines, amount(&page["subtotal"]), "{page}");
    let mut total = amount(&page["subtotal"]) - amount(&page["discount"]) + amount(&page["shipping"]);
    let tax: i64 = page["tax_lines"].as_array().unwrap().iter().map(|line| amount(&line["amount"])).sum();
    assert_eq!(tax, amount(&page["tax"]), "{page}");
    if page["prices_include_tax"] == false {
        total += tax;
    }
    assert_eq!(total, amount(&page["total"]), "{page}");
}

fn buys_two_lamps_and_a_shade(mut buyer: Buyer) -> (Buyer, Value) {
    let (lamp, shade) = (goods(1999, 10), goods(750, 3));
    buyer.add(&lamp.sku, 1).expect(200);
    buyer.add(&lamp.sku, 1).expect(200);
    let cart = buyer.add(&shade.sku, 1).expect(200);
    assert_eq!((cart["lines"].as_array().unwrap().len(), amount(&cart["total"])), (2, 2 * 1999 + 750));

    let quote = buyer.quote().expect(200);
    adds_up(&quote);
    assert_eq!(amount(&quote["subtotal"]), 4748);

    let order = buyer.order();
    adds_up(&order);
    assert_eq!(order["total"], quote["total"]);
    assert_eq!((&order["status"], &order["payment_status"]), (&json!("pending_payment"), &json!("unpaid")));
    assert_eq!((available(&lamp), available(&shade)), (8, 2), "placing reserves the stock");

    let id = order["id"].as_str().unwrap().to_owned();
    let payment = buyer.pay(&id);
    assert_eq!(payment["amount"], order["total"]);
    let order = buyer.read_order(&id);
    adds_up(&order);
    assert_eq!((&order["status"], &order["payment_status"]), (&json!("confirmed"), &json!("paid")));
    assert_eq!((available(&lamp), available(&shade)), (8, 2), "paid stock stays taken");

    let number = order["number"].as_str().unwrap();
    let mail = await_mail(&buyer.email, number);
    for part in [&mail.text, &mail.html] {
        for words in ["19.99", "39.98", "7.50", "47.48", number] {
            assert!(part.contains(words), "no {words} in {part}");
        }
    }
    let total = amount(&order["total"]);
    assert!(mail.text.contains(&format!("{}.{:02}", total / 100, total % 100)), "{}", mail.text);
    assert_eq!(mails_to(&buyer.email).iter().filter(|mail| mail.text.contains(number)).count(), 1);
    (buyer, order)
}

#[test]
fn a_guest_finds_buys_pays_and_gets_the_mail() {
    let _settings = settings::unchanged();
    let (buyer, order) = buys_two_lamps_and_a_shade(Buyer::guest());
    let path = format!("/orders/{}", order["id"].as_str().unwrap());
    get(&path).send().refused(api::Code::NotFound);
    get(&path).header("Order-Token", "wrong").send().refused(api::Code::NotFound);
    assert_eq!(order["email"], buyer.email.as_str());
}

#[test]
fn a_signed_in_shopper_buys_and_finds_the_order_in_their_list() {
    let _settings = settings::unchanged();
    let person = shopper();
    let (buyer, order) = buys_two_lamps_and_a_shade(Buyer::signed_in(person));
    let orders = buyer.show(get("/orders")).send().expect(200);
    assert_eq!(orders["data"].as_array().unwrap().len(), 1);
    assert_eq!(orders["data"][0]["id"], order["id"]);
    assert_eq!(orders["next_cursor"], Value::Null);
    let other = shopper();
    get(&format!("/orders/{}", order["id"].as_str().unwrap()))
        .bearer(&other.access_token)
        .send()
        .refused(api::Code::NotFound);
    let others = get("/orders").bearer(&other.access_token).send().expect(200);
    assert_eq!(others["data"], json!([]));
}
