//! Categories made for one test, and lists as shoppers walk through them.

use serde_json::{Value, json};

use crate::goods::{Goods, goods_of, product_of};
use crate::people::admin;
use crate::products;
use crate::shop::{Answer, delete, eventually, get, post, put};
use crate::unique;

/// Behind those of the demo shop, which tests know by their place.
const LAST: u16 = 900;

/// A new category, as staff see it.
#[must_use]
pub fn category(parent: Option<&str>) -> Value {
    let slug = format!("shelf-{}", unique());
    let body = json!({ "slug": slug, "title": "Shelf", "parent_id": parent, "position": LAST });
    in_time(|| post("/admin/categories").bearer(&admin().access_token).json(&body).send()).expect(201)
}

/// What is answered once others, who change the same tree, let somebody through.
pub fn in_time(mut call: impl FnMut() -> Answer) -> Answer {
    eventually("a turn to change the tree", || Some(call()).filter(|answer| answer.status != 503))
}

/// The id of a new category.
#[must_use]
pub fn category_id(parent: Option<&str>) -> String {
    category(parent)["id"].as_str().unwrap().to_owned()
}

/// The category as staff read it, with its version.
#[must_use]
pub fn read(id: &str) -> Answer {
    get(&format!("/admin/categories/{id}")).bearer(&admin().access_token).send()
}

/// Changes fields of the category as it is now.
#[must_use]
pub fn change(id: &str, fields: &Value) -> Answer {
    in_time(|| try_change(id, fields))
}

/// [`change`] of a category that may be gone, or that others change at the same time.
#[must_use]
pub fn try_change(id: &str, fields: &Value) -> Answer {
    let read = read(id);
    if read.status == 404 {
        return read;
    }
    let now = read.expect(200);
    let mut body = json!({});
    for field in ["slug", "title", "parent_id", "position", "status"] {
        body[field] = fields.get(field).unwrap_or(&now[field]).clone();
    }
    let call = put(&format!("/admin/categories/{id}")).bearer(&admin().access_token);
    call.header("If-Match", read.header("etag").unwrap()).json(&body).send()
}

/// Deletes the category as it is now; `query` may say where its products go.
#[must_use]
pub fn remove(id: &str, query: &str) -> Answer {
    in_time(|| {
        let etag = read(id).header("etag").unwrap_or("\"1\"").to_owned();
        let call = delete(&format!("/admin/categories/{id}{query}")).bearer(&admin().access_token);
        call.header("If-Match", etag).send()
    })
}

/// A new active product of this category.
#[must_use]
pub fn product_in(category: &str, price: i64) -> Goods {
    goods_of(&product_of(category, price), 0)
}

/// Changes fields of the product as it is now.
#[must_use]
pub fn change_product(goods: &Goods, fields: &Value) -> Answer {
    products::change(&json!({ "id": goods.id }), fields)
}

/// All summaries of a list, page by page. `query` begins with `&`.
#[must_use]
pub fn walk(query: &str) -> Vec<Value> {
    let (mut products, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = get(&format!("/products?limit=100{query}{cursor}")).send().expect(200);
        products.extend(page["data"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { return products };
        cursor = format!("&cursor={next}");
    }
}

/// The ids of a category's products, the newest first; none where shoppers find no such category.
#[must_use]
pub fn ids_in(category: &str) -> Option<Vec<String>> {
    let answer = get(&format!("/products?limit=100&category={category}")).send();
    if answer.status == 404 {
        return None;
    }
    let listed = answer.expect(200)["data"].as_array().unwrap().clone();
    Some(listed.iter().map(|product| product["id"].as_str().unwrap().to_owned()).collect())
}
