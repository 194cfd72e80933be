//! Staff rearrange the categories, and shoppers find everything where it was put.

use std::sync::Mutex;

use e2e::goods::{Goods, listed};
use e2e::operator::Table;
use e2e::products::by_admin;
use e2e::shelves::{category_id, product_in};
use e2e::shop::{delete, eventually_within, post, put};
use e2e::unique;
use serde_json::{Value, json};

use super::catalogue::{Catalogue, up_to_date};
use super::ends::PATIENCE;
use super::flows::patient;

/// Products that stay together, and the category where they are.
pub(super) struct Shelves {
    home: Mutex<String>,
    lamps: [Goods; 3],
}

impl Shelves {
    pub(super) fn new() -> Self {
        let home = category_id(None);
        let lamps = [500, 700, 900].map(|price| product_in(&home, price));
        lamps.iter().for_each(listed);
        Self { home: Mutex::new(home), lamps }
    }
}

/// Moves the category below another, then deletes both, the first one's products going to a third.
pub(super) fn rearrange(catalogue: &Catalogue) {
    let Shelves { home, lamps } = &catalogue.shelves;
    let mut home = home.lock().unwrap();
    let (above, target) = (made(), made());
    moved(&home, &above);
    await_lamps(&above, lamps);
    removed(&home, &format!("?move_products_to={target}"));
    await_lamps(&target, lamps);
    await_lamps(&above, &[]);
    await_lamps(&home, &[]);
    removed(&above, "");
    *home = target;
}

/// The row, read past all functions.
fn row(id: &str) -> Option<Value> {
    Table::of("catalog").get("CATEGORIES", &format!("CAT#{id}"))
}

fn etag(row: &Value) -> String {
    format!("\"{}\"", row["version"])
}

/// A category at the top. Whoever asks again for one that is there already is told that its slug is taken.
fn made() -> String {
    let slug = format!("shelf-{}", unique());
    let body = json!({ "slug": slug, "title": "Shelf", "position": 900 });
    let answer = patient("a category", || by_admin(post("/admin/categories")).json(&body).send());
    assert!([201, 409].contains(&answer.status), "{}", answer.text);
    let slug = Table::of("catalog").get(&format!("CATEGORY-SLUG#{slug}"), "SLUG").expect("the slug is the category's");
    slug["category_id"].as_str().unwrap().to_owned()
}

fn moved(id: &str, parent: &str) {
    let call = || {
        let row = row(id).expect("nobody deletes it");
        let body = json!({ "slug": row["slug"], "title": row["title"], "parent_id": parent, "position": 900 });
        by_admin(put(&format!("/admin/categories/{id}"))).header("If-Match", etag(&row)).json(&body).send()
    };
    up_to_date("its move", call).expect(200);
}

/// Deletes the category, and waits until it is gone.
fn removed(id: &str, query: &str) {
    let delete =
        |row: &Value| by_admin(delete(&format!("/admin/categories/{id}{query}"))).header("If-Match", etag(row)).send();
    eventually_within(PATIENCE, "its end to be begun", || match row(id) {
        None => Some(()),
        // The consumer may be ending at the same moment what an attempt that died had begun.
        Some(row) => [202, 204, 404].contains(&delete(&row).status).then_some(()),
    });
    eventually_within(PATIENCE, "its end", || row(id).is_none().then_some(()));
}

/// Waits until just these are listed in the category.
#[track_caller]
fn await_lamps(category: &str, lamps: &[Goods]) {
    let catalog = Table::of("catalog");
    eventually_within(PATIENCE, &format!("{} products in {category}", lamps.len()), || {
        let listed = catalog.partition(&format!("LIST#{category}#NEWEST"));
        let ids: Vec<&str> = listed.iter().map(|row| row["id"].as_str().unwrap()).collect();
        lamps.iter().map(|lamp| lamp.id.as_str()).eq(ids).then_some(())
    });
}
