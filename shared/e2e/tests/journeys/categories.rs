//! Categories: their tree, who sees them, and what becomes of their products.

use std::collections::{BTreeMap, BTreeSet};

use api::Code;
use e2e::chance::Chance;
use e2e::crowd::{at_once, tally};
use e2e::goods::goods_of;
use e2e::operator::Table;
use e2e::people::admin;
use e2e::settings;
use e2e::shelves::{category, category_id, change, ids_in, in_time, product_in, read, remove, try_change};
use e2e::shop::{delete, eventually, eventually_by_queue, get, post, put};
use serde_json::{Value, json};

/// Waits until shoppers find just these products in a category.
#[track_caller]
fn await_products(category: &str, ids: &[&str]) {
    eventually_by_queue(&format!("{ids:?} in {category}"), || {
        let mut listed = ids_in(category)?;
        listed.sort();
        (listed == ids).then_some(())
    });
}

/// The ids that shoppers see.
fn shown() -> BTreeSet<String> {
    let categories = get("/categories").send().expect(200);
    categories["data"].as_array().unwrap().iter().map(|shown| shown["id"].as_str().unwrap().to_owned()).collect()
}

/// All categories as staff see them.
fn all() -> Vec<Value> {
    let list = get("/admin/categories").bearer(&admin().access_token).send().expect(200);
    list["data"].as_array().unwrap().clone()
}

#[test]
fn the_tree_is_kept_for_a_minute_and_not_sent_again_while_it_is_the_same() {
    // Other tests change it all the time.
    eventually("two looks without a change between them", || {
        let first = get("/categories").send();
        first.expect(200);
        assert_eq!(first.header("cache-control"), Some("public, max-age=60, stale-while-revalidate=300"));
        let again = get("/categories").header("If-None-Match", first.header("etag").unwrap()).send();
        (again.status == 304).then(|| assert_eq!(again.text, ""))
    });
}

#[test]
fn staff_read_a_category_with_its_version_and_shoppers_see_its_name() {
    let made = category(None);
    let id = made["id"].as_str().unwrap();
    let shelf = read(id);
    assert_eq!((shelf.expect(200), shelf.header("etag")), (made.clone(), Some("\"1\"")));
    assert_eq!((&made["status"], &made["is_closing"]), (&json!("active"), &json!(false)));
    assert!(shown().contains(id) && all().contains(&made));
    read("cat_01JH8Z6V0W4T3N9Q2RSKX7M5CD").refused(Code::NotFound);
}

#[test]
fn hidden_categories_are_found_by_id_only_and_drafts_not_at_all() {
    let _settings = settings::unchanged();
    let above = category_id(None);
    let inner = category_id(Some(&above));
    let goods = product_in(&inner, 1999);
    await_products(&inner, &[&goods.id]);
    assert!(shown().contains(&inner));

    change(&inner, &json!({ "status": "hidden" })).expect(200);
    assert!(!shown().contains(&inner));
    assert_eq!(ids_in(&inner), Some(vec![goods.id.clone()]));

    change(&inner, &json!({ "status": "draft" })).expect(200);
    eventually_by_queue("the draft to be seen by nobody", || ids_in(&inner).is_none().then_some(()));
    assert!(!shown().contains(&inner));
    assert_eq!(ids_in(&above), Some(vec![goods.id.clone()]), "the product is on sale all the same");

    change(&inner, &json!({ "status": "active" })).expect(200);
    await_products(&inner, &[&goods.id]);
    // What is below a draft is one, too.
    change(&above, &json!({ "status": "draft" })).expect(200);
    eventually_by_queue("all of the draft to be seen by nobody", || {
        (ids_in(&above).is_none() && ids_in(&inner).is_none()).then_some(())
    });
    assert!(shown().is_disjoint(&[above, inner].into()));
}

#[test]
fn products_follow_a_category_that_moves_with_all_that_is_below_it() {
    let _settings = settings::unchanged();
    let (here, there) = (category_id(None), category_id(None));
    let middle = category_id(Some(&here));
    let leaf = category_id(Some(&middle));
    let (shade, lamp) = (product_in(&middle, 500), product_in(&leaf, 1999));
    await_products(&here, &[&shade.id, &lamp.id]);

    let moved = change(&middle, &json!({ "parent_id": there })).expect(200);
    assert_eq!(moved["parent_id"], json!(there));
    await_products(&there, &[&shade.id, &lamp.id]);
    await_products(&here, &[]);
    await_products(&leaf, &[&lamp.id]);
    await_products(&middle, &[&shade.id, &lamp.id]);
}

#[test]
fn a_place_that_would_break_the_tree_is_refused() {
    let mut path = vec![category_id(None)];
    for level in 1..5 {
        path.push(category_id(Some(&path[level - 1])));
    }
    let fault = |answer: e2e::shop::Answer| {
        let refused = answer.refused(Code::ValidationFailed);
        (refused["errors"][0]["pointer"].clone(), refused["errors"][0]["code"].clone())
    };
    let parent = |id: &str| json!({ "parent_id": id });
    assert_eq!(fault(change(&path[0], &parent(&path[4]))), (json!("/parent_id"), json!("category_cycle")));
    assert_eq!(fault(change(&path[2], &parent(&path[2]))), (json!("/parent_id"), json!("category_cycle")));
    let other = category_id(None);
    assert_eq!(fault(change(&path[0], &parent(&other))), (json!("/parent_id"), json!("too_deep")));
    assert_eq!(fault(change(&other, &parent(&path[4]))), (json!("/parent_id"), json!("too_deep")));
    change(&other, &parent("cat_01JH8Z6V0W4T3N9Q2RSKX7M5CD")).refused(Code::CategoryNotFound);
    change(&other, &parent(&path[3])).expect(200);
}

#[test]
fn of_two_who_change_one_version_the_second_is_told_so_and_the_first_change_stays() {
    let id = category_id(None);
    let etag = read(&id).header("etag").unwrap().to_owned();
    let put = |title: &str, slug: &str| {
        let call = put(&format!("/admin/categories/{id}")).bearer(&admin().access_token).header("If-Match", &etag);
        call.json(&json!({ "slug": slug, "title": title, "position": 900 })).send()
    };
    let slug = category(None)["slug"].as_str().unwrap().to_owned();
    put("First", &slug).refused(Code::SlugTaken);
    let answers = at_once(2, |number| put(["First", "Second"][number], &format!("shelf-{}", e2e::unique())));
    assert_eq!(tally(&answers), [("200".to_owned(), 1), ("412 version_mismatch".to_owned(), 1)].into());
    let kept = answers.iter().find(|answer| answer.status == 200).unwrap();
    assert_eq!((read(&id).json(), kept.header("etag")), (kept.json(), Some("\"2\"")));
    let entries = Table::of("catalog").partition(&format!("AUDIT#{id}"));
    let actions: Vec<&Value> = entries.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["create_category", "update_category"]);
}

#[test]
fn an_empty_category_is_deleted_and_its_name_is_free_again() {
    let made = category(None);
    let id = made["id"].as_str().unwrap();
    let path = format!("/admin/categories/{id}");
    delete(&path).bearer(&admin().access_token).send().refused(Code::IfMatchMissing);
    let call = delete(&path).bearer(&admin().access_token).header("If-Match", "\"7\"");
    call.send().refused(Code::VersionMismatch);
    remove(id, "?move_products_to=nowhere").refused(Code::InvalidQuery);
    remove(id, "").expect(204);
    remove(id, "").refused(Code::NotFound);
    assert!(!shown().contains(id));
    let other = category_id(None);
    assert_eq!(change(&other, &json!({ "slug": made["slug"] })).expect(200)["slug"], made["slug"]);
}

#[test]
fn a_category_that_is_not_empty_stays_as_it_was() {
    let _settings = settings::unchanged();
    let above = category_id(None);
    let inner = category_id(Some(&above));
    remove(&above, "").refused(Code::CategoryNotEmpty);
    remove(&above, &format!("?move_products_to={inner}")).refused(Code::CategoryNotEmpty);
    let mut draft = e2e::goods::product_body(1999);
    draft["category_id"] = json!(inner);
    draft["status"] = json!("draft");
    let _ = goods_of(&draft, 0);
    remove(&inner, "").refused(Code::CategoryNotEmpty);
    remove(&inner, "?move_products_to=cat_01JH8Z6V0W4T3N9Q2RSKX7M5CD").refused(Code::CategoryNotFound);
    remove(&inner, &format!("?move_products_to={inner}")).refused(Code::CategoryNotFound);
    assert_eq!(read(&inner).expect(200)["is_closing"], json!(false));
}

#[test]
fn products_of_a_deleted_category_move_to_where_they_are_told_whatever_their_status() {
    let _settings = settings::unchanged();
    let (above, target) = (category_id(None), category_id(None));
    let closing = category_id(Some(&above));
    let lamps: Vec<_> = (0..30).map(|number| product_in(&closing, 500 + number)).collect();
    let mut body = e2e::goods::product_body(1999);
    body["category_id"] = json!(closing);
    body["status"] = json!("draft");
    let draft = goods_of(&body, 0);
    let ids: Vec<&str> = lamps.iter().map(|lamp| lamp.id.as_str()).collect();
    await_products(&closing, &ids);

    let query = format!("?move_products_to={target}");
    assert_eq!(remove(&closing, &query).expect(202), json!({ "status": "moving" }));
    let mut late = e2e::goods::product_body(1999);
    late["category_id"] = json!(closing);
    post("/admin/products").bearer(&admin().access_token).json(&late).send().refused(Code::CategoryNotFound);
    let below = json!({ "slug": format!("late-{}", e2e::unique()), "title": "Late", "parent_id": closing });
    let refused = in_time(|| post("/admin/categories").bearer(&admin().access_token).json(&below).send());
    refused.refused(Code::CategoryNotFound);
    eventually_by_queue("the category to be gone", || (read(&closing).status == 404).then_some(()));
    await_products(&target, &ids);
    await_products(&above, &[]);
    assert_eq!(ids_in(&closing), None);
    let table = Table::of("catalog");
    assert!(table.partition(&format!("IN#{closing}")).is_empty());
    assert_eq!(table.partition(&format!("IN#{target}")).len(), ids.len() + 1);
    for id in ids.iter().chain([&draft.id.as_str()]) {
        let product = get(&format!("/admin/products/{id}")).bearer(&admin().access_token).send().expect(200);
        assert_eq!(product["category_id"], json!(target));
    }
}

/// Parents by id. Every walk up must end at the top within five steps, and no parent may be missing.
#[track_caller]
fn is_sound(categories: &[Value]) {
    let parents: BTreeMap<&str, Option<&str>> =
        categories.iter().map(|category| (category["id"].as_str().unwrap(), category["parent_id"].as_str())).collect();
    for start in parents.keys() {
        let (mut at, mut levels) = (*start, 1);
        while let Some(parent) = parents[at] {
            assert!(parents.contains_key(parent), "{at} is below {parent}, which is not there");
            levels += 1;
            assert!(levels <= 5, "{start} is too deep, or in a circle");
            at = parent;
        }
    }
}

#[test]
fn the_tree_stays_sound_whatever_is_moved_and_deleted_at_once() {
    let _settings = settings::unchanged();
    let seed = Chance::fresh_seed();
    println!("seed {seed}");
    let categories: Vec<String> = (0..12).map(|_| category_id(None)).collect();
    let step = |chance: &mut Chance| {
        let id = chance.one_of(&categories).unwrap();
        let is_at_top = chance.below(5) == 0;
        let parent = chance.one_of(&categories).filter(|_| !is_at_top);
        if chance.below(12) == 0 { remove(id, "") } else { try_change(id, &json!({ "parent_id": parent })) }
    };
    let mut answers = Vec::new();
    for round in 0..6 {
        let of_round = at_once(6, |worker| {
            let mut chance = Chance::part(seed, 10 * round + u64::try_from(worker).unwrap());
            [0; 4].map(|_| step(&mut chance))
        });
        answers.extend(of_round.into_iter().flatten());
        is_sound(&all());
    }
    println!("{:?}", tally(&answers));
    for answer in &answers {
        assert!([200, 204, 404, 409, 412, 422, 503].contains(&answer.status), "{}", answer.text);
    }
    assert!(answers.iter().filter(|answer| answer.status == 200).count() >= 10);
    // Leaves first, until nothing is left. What a deletion that was told to try again has begun, a queue may end.
    let mut left = categories;
    eventually_by_queue("all of them to be deleted", || {
        left.retain(|id| ![204, 404].contains(&remove(id, "").status));
        left.is_empty().then_some(())
    });
}
