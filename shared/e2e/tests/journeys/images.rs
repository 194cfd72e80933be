//! Pictures of products, from the form to the shopper.

use api::Code;
use e2e::goods::{goods, listing};
use e2e::operator::{buckets, objects};
use e2e::products::{as_staff, change};
use e2e::shop::{eventually_by_queue, fetch, post, setting};
use e2e::uploads::{PIXEL, add_picture, post_file, with_pictures};
use serde_json::{Value, json};

/// Files on their way to `product`.
fn uploaded(product: &str) -> Vec<String> {
    let own = format!("souk-{}-files-", setting("SOUK_ENVIRONMENT"));
    let bucket = buckets().into_iter().find(|bucket| bucket.starts_with(&own)).unwrap();
    objects(&bucket).into_iter().filter(|key| key.contains(product)).collect()
}

fn staff_view(id: &str) -> Value {
    as_staff(&json!({ "id": id })).expect(200)
}

#[test]
fn a_picture_that_is_uploaded_is_shown_wherever_its_product_is() {
    let lamp = goods(1999, 1);
    let added = add_picture(&lamp.id, "image/png", 1000);
    assert_eq!(added["image"]["status"], "pending");
    let pending = staff_view(&lamp.id)["pending_images"].clone();
    assert_eq!((&pending[0]["id"], &pending[0]["status"]), (&added["image"]["id"], &json!("pending")));

    assert_eq!(post_file(&added["upload"], PIXEL).status, 204);
    let image = with_pictures(&lamp.id, 1)["images"][0].clone();
    assert_eq!((&image["id"], &image["alt"]), (&added["image"]["id"], &json!("A lamp on a table")));
    let file = fetch(image["url"].as_str().unwrap());
    assert_eq!((file.status, file.header("content-type")), (200, Some("image/png")));
    assert!(file.header("cache-control").unwrap().contains("immutable"));
    eventually_by_queue("the picture in lists", || {
        Some(listing(&lamp)?["image"]["url"] == image["url"]).filter(|is| *is)
    });
    eventually_by_queue("nothing to be on its way", || {
        (staff_view(&lamp.id)["pending_images"] == json!([]) && uploaded(&lamp.id).is_empty()).then_some(())
    });
}

#[test]
fn a_text_that_is_called_a_picture_is_refused() {
    let lamp = goods(1999, 1);
    let added = add_picture(&lamp.id, "image/png", 1000);
    assert_eq!(post_file(&added["upload"], b"This is tea.png, is it not?").status, 204);
    let refused = eventually_by_queue("the file to be looked at", || {
        let pending = staff_view(&lamp.id)["pending_images"][0].clone();
        (pending["status"] == "refused").then_some(pending)
    });
    assert_eq!((&refused["id"], &refused["reason"]), (&added["image"]["id"], &json!("not_that_picture")));
    assert_eq!(staff_view(&lamp.id)["images"], json!([]));
    eventually_by_queue("the file to be gone", || uploaded(&lamp.id).is_empty().then_some(()));
}

#[test]
fn the_form_takes_that_file_and_no_other() {
    let lamp = goods(1999, 1);
    let form = add_picture(&lamp.id, "image/png", PIXEL.len())["upload"].clone();
    assert_eq!(post_file(&form, &[PIXEL, b"x"].concat()).status, 400, "one byte too many");
    assert_eq!(post_file(&form, b"").status, 400, "nothing");
    for (field, value) in [("key", "products/prod_1/img_1.png"), ("Content-Type", "text/html"), ("policy", "e30=")] {
        let mut other = form.clone();
        other["fields"][field] = json!(value);
        let answer = post_file(&other, PIXEL);
        assert!((400..500).contains(&answer.status), "{field}: {} {}", answer.status, answer.text);
    }
    assert!(uploaded(&lamp.id).is_empty());
}

#[test]
fn pictures_have_the_order_and_the_texts_that_staff_give_them() {
    let lamp = goods(1999, 1);
    let ids = [1, 2].map(|count| {
        let added = add_picture(&lamp.id, "image/png", 1000);
        assert_eq!(post_file(&added["upload"], PIXEL).status, 204);
        let _ = with_pictures(&lamp.id, count);
        added["image"]["id"].clone()
    });
    let product = json!({ "id": lamp.id });
    let turned = json!({ "images": [{ "id": ids[1], "alt": "Lit" }, { "id": ids[0], "alt": "Unlit" }] });
    let images = change(&product, &turned).expect(200)["images"].clone();
    let seen = [&images[0], &images[1]].map(|image| (image["id"].clone(), image["alt"].clone()));
    assert_eq!(seen, [(ids[1].clone(), json!("Lit")), (ids[0].clone(), json!("Unlit"))]);
    let one = json!({ "images": [{ "id": ids[0], "alt": "Unlit" }] });
    assert_eq!(change(&product, &one).expect(200)["images"].as_array().unwrap().len(), 1);
}

#[test]
fn a_product_that_is_not_there_takes_no_pictures() {
    let body = json!({ "content_type": "image/png", "content_length": 10, "alt": "x" });
    let call = post("/admin/products/prod_01JH8Z6V0W4T3N9Q2RSKX7M5CD/images");
    e2e::products::by_admin(call).json(&body).send().refused(Code::NotFound);
}
