//! How long answers can get: every text as long as it may be, of characters that take as many bytes as any.

use api::PageView;
use kernel::{MAX_AMOUNT, Ulid};
use serde_json::{Value, json};
use telemetry::Trace;

use super::*;
use crate::domain::{
    Category, Closing, Display, Edit, ImageType, MAX_CATEGORIES, MAX_FORMER_SLUGS, MAX_IMAGES, MAX_VARIANTS,
    NewCategory, Tree,
};
use crate::fixtures;
use crate::handlers::categories::StaffCategoryView;
use crate::media::Media;

/// So many characters of four bytes each, the last ones apart: they are a number, so that no two texts are alike.
fn long(characters: usize, number: usize) -> String {
    format!("{}{number:03}", "🍵".repeat(characters - 3))
}

fn labels(count: usize) -> Vec<String> {
    (0..count).map(|number| long(60, number)).collect()
}

/// `POST /admin/products` of as much as a product can have.
fn largest_body() -> Value {
    let (names, values) = (labels(5), labels(MAX_VARIANTS));
    let variant = |number: usize| {
        let chosen: BTreeMap<&String, &String> = names.iter().map(|name| (name, &values[number])).collect();
        json!({
            "sku": format!("{number:064}"), "options": chosen, "weight_grams": 1_000_000,
            "price": { "amount": MAX_AMOUNT - 1, "currency": "EUR" },
            "compare_at_price": { "amount": MAX_AMOUNT, "currency": "EUR" },
        })
    };
    json!({
        "slug": "a".repeat(120), "title": long(200, 0), "description": long(10_000, 0), "status": "active",
        "category_id": fixtures::category_id(), "tags": labels(20),
        "attributes": labels(30).into_iter().map(|name| (name, long(60, 0))).collect::<BTreeMap<_, _>>(),
        "options": names.iter().map(|name| json!({ "name": name, "values": values })).collect::<Vec<_>>(),
        "variants": (0..MAX_VARIANTS).map(variant).collect::<Vec<_>>(),
    })
}

fn largest() -> (Product, Vec<Offer>) {
    let Edit { mut product, variants, .. } = fixtures::new_product(largest_body());
    let image = |number: usize| {
        let id = ImageId::new(Ulid(number as u128));
        let url = Media::of_tests().url(&Media::file(product.id, id, ImageType::Webp));
        ProductImage { id, url, alt: long(300, number) }
    };
    product.images = (0..MAX_IMAGES).map(image).collect();
    product.former_slugs = vec![product.slug.clone(); MAX_FORMER_SLUGS];
    (product, variants)
}

/// Of an answer; the tests know from below, too, that what they measure is large.
fn bytes(answer: &impl Serialize) -> usize {
    serde_json::to_vec(answer).unwrap().len()
}

#[test]
fn a_product_with_all_that_it_can_have_fits_into_an_answer() {
    let (product, offers) = largest();
    let shown = bytes(&ProductView::of(product.clone(), offers.clone()));
    assert!((500_000..600_000).contains(&shown), "{shown}");
    // As many as are read at once.
    let pending = (0..50).map(|number| PendingImage {
        id: ImageId::new(Ulid(number as u128)),
        product_id: product.id,
        alt: long(300, number).parse().unwrap(),
        content_type: ImageType::Webp,
        asked_at: fixtures::now(),
        actor: fixtures::STAFF.parse().unwrap(),
        trace: Trace::start("c"),
        refused: Some(Refusal::TooManyImages),
    });
    let pending = pending.map(PendingImageView::of).collect();
    let of_staff = bytes(&AdminProductView::of(product, offers).with_pending_images(pending));
    assert!((600_000..700_000).contains(&of_staff), "{of_staff}");
}

#[test]
fn a_page_of_a_hundred_products_fits_into_an_answer() {
    let (product, offers) = largest();
    let Display { summary, staff, .. } = Display::of(&product, &offers, &Tree::default());
    let shown = bytes(&PageView { data: vec![summary.unwrap(); 100], next_cursor: None });
    assert!((200_000..300_000).contains(&shown), "{shown}");
    let of_staff = bytes(&PageView { data: vec![staff; 100], next_cursor: None });
    assert!((200_000..300_000).contains(&of_staff), "{of_staff}");
}

#[test]
fn as_many_categories_as_there_can_be_fit_into_an_answer() {
    let new: NewCategory = serde_json::from_value(json!({
        "slug": "a".repeat(120), "title": long(200, 0), "parent_id": fixtures::category_id(), "position": 65_535,
    }))
    .unwrap();
    let closing = Some(Closing { move_to: Some(fixtures::category_id()) });
    let category = Category { closing, ..new.into_category(fixtures::category_id()) };
    let view = || StaffCategoryView::of(category.clone());
    let shown = bytes(&(0..MAX_CATEGORIES).map(|_| view()).collect::<Vec<_>>());
    assert!((1_000_000..1_500_000).contains(&shown), "{shown}");
}
