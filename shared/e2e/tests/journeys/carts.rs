use api::Code;
use e2e::buyer::Buyer;
use e2e::goods::goods;
use e2e::people::shopper;
use e2e::shop::{delete, get, put};
use serde_json::json;

#[test]
fn parallel_additions_lose_nothing() {
    let lamp = goods(1999, 50);
    let buyer = Buyer::guest();
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| buyer.add(&lamp.sku, 1).expect(200));
        }
    });
    assert_eq!(buyer.cart().expect(200)["lines"][0]["quantity"], 20);
}

#[test]
fn a_line_is_set_and_removed() {
    let (lamp, shade) = (goods(1999, 50), goods(500, 50));
    let buyer = Buyer::guest();
    buyer.add(&lamp.sku, 1).expect(200);
    buyer.add(&shade.sku, 1).expect(200);
    let line = format!("/carts/{}/lines/{}", buyer.cart_id, lamp.sku);
    let cart = buyer.show(put(&line)).json(&json!({ "quantity": 7 })).send().expect(200);
    assert_eq!(cart["total"]["amount"], 7 * 1999 + 500);
    buyer.show(delete(&line)).send().expect(200);
    let cart = buyer.cart().expect(200);
    assert_eq!(cart["lines"].as_array().unwrap().len(), 1);
    assert_eq!(cart["total"]["amount"], 500);
    buyer.show(delete(&line)).send().refused(Code::NotFound);
}

#[test]
fn a_cart_opens_only_to_its_owner() {
    let lamp = goods(1999, 50);
    let guest = Buyer::guest();
    let path = format!("/carts/{}", guest.cart_id);
    get(&path).send().refused(Code::NotFound);
    get(&path).header("Cart-Token", Buyer::guest().cart_token.unwrap()).send().refused(Code::NotFound);
    let owner = Buyer::signed_in(shopper());
    owner.add(&lamp.sku, 1).expect(200);
    let path = format!("/carts/{}", owner.cart_id);
    get(&path).send().refused(Code::NotFound);
    get(&path).bearer(&shopper().access_token).send().refused(Code::NotFound);
    get(&path).bearer("not-a-token").send().refused(Code::Unauthenticated);
    assert_eq!(owner.cart().expect(200)["lines"][0]["quantity"], 1);
}

#[test]
fn a_cart_holds_no_more_than_it_may_and_says_so() {
    let lamp = goods(1999, 5);
    let buyer = Buyer::guest();
    buyer.add(&lamp.sku, 100).expect(200);
    buyer.add(&lamp.sku, 1).refused(Code::QuantityTooLarge);
    buyer.add("NO-SUCH-SKU", 1).refused(Code::SkuNotFound);
    let cart = buyer.cart().expect(200);
    assert_eq!(cart["lines"][0]["issues"][0]["code"], "insufficient_stock");
    assert_eq!(cart["lines"][0]["available"], 5);
}
