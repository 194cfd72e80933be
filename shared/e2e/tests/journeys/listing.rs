//! Lists: their orders, their pages, the range of prices, and that they follow what they show.

use std::collections::BTreeMap;

use api::Code;
use e2e::chance::Chance;
use e2e::goods::{Goods, goods_of, listed, listing, product_body};
use e2e::people::admin;
use e2e::settings;
use e2e::shelves::{category_id, change_product, ids_in, product_in, walk};
use e2e::shop::{eventually_by_queue, get};
use serde_json::{Value, json};

fn ids(products: &[Value]) -> Vec<&str> {
    products.iter().map(|product| product["id"].as_str().unwrap()).collect()
}

/// A product of this title and price, in a category of the test's own.
fn titled(category: &str, title: &str, price: i64) -> Goods {
    let mut body = product_body(price);
    body["category_id"] = json!(category);
    body["title"] = json!(title);
    goods_of(&body, 0)
}

/// All ids of a list, from pages of `limit`.
fn paged(query: &str, limit: u32) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = get(&format!("/products?limit={limit}{query}{cursor}")).send().expect(200);
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= usize::try_from(limit).unwrap());
        seen.extend(ids(data).into_iter().map(str::to_owned));
        let Some(next) = page["next_cursor"].as_str() else { return seen };
        cursor = format!("&cursor={next}");
    }
}

/// What staff see of the product in their list of this status, on whatever page.
fn in_staff_list(goods: &Goods, status: &str) -> Option<Value> {
    let mut cursor = String::new();
    loop {
        let call = get(&format!("/admin/products?limit=100&status={status}{cursor}")).bearer(&admin().access_token);
        let page = call.send().expect(200);
        let row = page["data"].as_array().unwrap().iter().find(|row| row["id"] == goods.id.as_str());
        if row.is_some() {
            return row.cloned();
        }
        cursor = format!("&cursor={}", page["next_cursor"].as_str()?);
    }
}

#[test]
fn a_list_is_in_the_order_that_was_asked_for_whatever_its_pages() {
    let _settings = settings::unchanged();
    let category = category_id(None);
    let goods = [("Zinc", 700), ("brass", 900), ("Äther", 500), ("Copper", 500)]
        .map(|(title, price)| titled(&category, title, price));
    goods.iter().for_each(listed);
    let in_order = |places: [usize; 4]| places.map(|place| goods[place].id.clone());
    for (sort, expected) in [
        ("newest", in_order([3, 2, 1, 0])),
        ("price", in_order([2, 3, 0, 1])),
        ("-price", in_order([1, 0, 3, 2])),
        ("title", in_order([1, 3, 0, 2])),
        ("-title", in_order([2, 0, 3, 1])),
    ] {
        for limit in [1, 3, 100] {
            assert_eq!(paged(&format!("&category={category}&sort={sort}"), limit), expected, "{sort} by {limit}");
        }
    }
    assert_eq!(paged(&format!("&category={category}"), 2), in_order([3, 2, 1, 0]), "newest unless told otherwise");
}

#[test]
fn a_range_of_prices_has_both_its_ends_in_every_order() {
    let _settings = settings::unchanged();
    let category = category_id(None);
    let goods = [499, 500, 700, 900, 901].map(|price| product_in(&category, price));
    goods.iter().for_each(listed);
    for sort in ["newest", "price", "-price", "title", "-title"] {
        for limit in [1, 100] {
            let query = |range: &str| {
                let mut found = paged(&format!("&category={category}&sort={sort}{range}"), limit);
                found.sort();
                found
            };
            let of =
                |places: std::ops::Range<usize>| goods[places].iter().map(|goods| goods.id.clone()).collect::<Vec<_>>();
            assert_eq!(query("&price_min=500&price_max=900"), of(1..4), "{sort}");
            assert_eq!(query("&price_min=900"), of(3..5), "{sort}");
            assert_eq!(query("&price_max=499"), of(0..1), "{sort}");
            assert_eq!(query("&price_min=902"), of(0..0), "{sort}");
        }
    }
}

#[test]
fn a_range_that_makes_no_sense_and_a_cursor_of_another_are_refused() {
    for query in
        ["price_min=-1", "price_min=1.5", "price_max=many", "price_min=2&price_max=1", "price_max=100000000000"]
    {
        get(&format!("/products?{query}")).send().refused(Code::InvalidQuery);
    }
    let page = get("/products?limit=1&sort=price&price_min=1").send().expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    get(&format!("/products?limit=5&sort=price&price_min=1&cursor={cursor}")).send().expect(200);
    for other in ["price_min=2&sort=price", "price_min=1&sort=-price", "sort=price"] {
        get(&format!("/products?limit=1&{other}&cursor={cursor}")).send().refused(Code::InvalidCursor);
    }
}

#[test]
fn a_list_is_kept_for_half_a_minute_and_not_sent_again_while_it_is_the_same() {
    let _settings = settings::unchanged();
    let category = category_id(None);
    listed(&product_in(&category, 1999));
    let path = format!("/products?category={category}");
    let first = get(&path).send();
    assert_eq!(first.expect(200)["data"].as_array().unwrap().len(), 1);
    assert_eq!(first.header("cache-control"), Some("public, max-age=30, stale-while-revalidate=150"));
    let again = get(&path).header("If-None-Match", first.header("etag").unwrap()).send();
    assert_eq!((again.status, again.text.as_str()), (304, ""));
}

#[test]
fn lists_follow_what_they_show_and_staff_list_what_shoppers_do_not_see() {
    let _settings = settings::unchanged();
    let (here, there) = (category_id(None), category_id(None));
    let lamp = product_in(&here, 1999);
    listed(&lamp);
    let shown = |name: &str| listing(&lamp).map(|row| row[name].clone());

    change_product(&lamp, &json!({ "title": "Lantern", "category_id": there })).expect(200);
    eventually_by_queue("the new title", || (shown("title")? == "Lantern").then_some(()));
    assert_eq!((ids_in(&here), ids_in(&there)), (Some(vec![]), Some(vec![lamp.id.clone()])));

    let euros = |amount: i64| json!({ "amount": amount, "currency": "EUR" });
    let variants = json!([{ "sku": lamp.sku, "price": euros(900), "compare_at_price": euros(2500) }]);
    change_product(&lamp, &json!({ "variants": variants })).expect(200);
    eventually_by_queue("the new price", || (shown("price_from")?["amount"] == 900).then_some(()));
    let reduction = [shown("compare_at_from"), shown("lowest_price_30_days")].map(Option::unwrap);
    assert_eq!(reduction, [euros(2500), euros(1999)], "who shows a reduction names the lowest price before it");
    assert_eq!(ids(&walk(&format!("&category={there}&sort=price&price_max=900"))), [lamp.id.as_str()]);

    change_product(&lamp, &json!({ "status": "archived" })).expect(200);
    eventually_by_queue("the product to leave the lists", || shown("id").is_none().then_some(()));
    assert_eq!(ids_in(&there), Some(vec![]));
    let row = in_staff_list(&lamp, "archived").expect("staff see it");
    assert_eq!((&row["title"], &row["category_id"], &row["variants"]), (&json!("Lantern"), &json!(there), &json!(1)));
    assert_eq!(in_staff_list(&lamp, "active"), None);
    get("/admin/products?status=lost").bearer(&admin().access_token).send().refused(Code::InvalidQuery);
}

/// Changes during one walk: about as many as there is time for.
const CHANGES: usize = 6;

/// Changes these products at random: prices, titles, and whether they are for sale.
fn disturb(goods: &[Goods], chance: &mut Chance) {
    for _ in 0..CHANGES {
        let lamp = chance.one_of(goods).unwrap();
        let amount = 500 + i64::try_from(chance.below(500)).unwrap();
        let fields = match chance.below(3) {
            0 => json!({ "title": format!("Lamp {amount}") }),
            1 => json!({ "variants": [{ "sku": lamp.sku, "price": { "amount": amount, "currency": "EUR" } }] }),
            _ => json!({ "status": (["active", "draft"][usize::from(amount % 2 == 0)]) }),
        };
        change_product(lamp, &fields).expect(200);
    }
}

#[test]
fn a_list_walked_while_products_change_shows_each_that_stayed_just_once() {
    let _settings = settings::unchanged();
    let seed = Chance::fresh_seed();
    println!("seed {seed}");
    let category = category_id(None);
    let goods: Vec<Goods> = (0..24).map(|number| product_in(&category, 500 + 20 * number)).collect();
    goods.iter().for_each(listed);
    let (staying, changing) = goods.split_at(12);
    let mut chance = Chance::of(seed);
    for sort in ["newest", "price", "-price", "title", "-title"].into_iter().cycle().take(20) {
        let seen = std::thread::scope(|scope| {
            scope.spawn(|| disturb(changing, &mut chance));
            paged(&format!("&category={category}&sort={sort}"), 3)
        });
        let mut times: BTreeMap<&str, u32> = BTreeMap::new();
        for id in &seen {
            *times.entry(id).or_default() += 1;
        }
        for lamp in staying {
            assert_eq!(times.get(lamp.id.as_str()), Some(&1), "{} by {sort}: {seen:?}", lamp.id);
        }
    }
}
