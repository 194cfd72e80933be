use kernel::{ImageId, Ulid};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::{ProductChange, Status};
use crate::fixtures;

/// The tea in three sizes: `TEA-10`, `TEA-20`, `TEA-30`.
fn tea() -> Stored {
    fixtures::stored(fixtures::new_product(fixtures::tea_in_sizes(3)))
}

/// What `wanted` makes of the tea an hour later.
fn edited(stored: &Stored, wanted: ProductInput) -> Edit {
    apply(stored, wanted, Currency::EUR, later()).unwrap()
}

fn changed(stored: &Stored, change: serde_json::Value) -> Edit {
    let change: ProductChange = serde_json::from_value(change).unwrap();
    edited(stored, change.onto(stored))
}

fn later() -> Moment {
    fixtures::zone().moment(fixtures::now().plus_seconds(3600))
}

fn sku(text: &str) -> Sku {
    Sku::parse(text).unwrap()
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn image(number: u128) -> ProductImage {
    ProductImage { id: ImageId::new(Ulid(number)), url: format!("https://media.example/{number}"), alt: "Tea".into() }
}

/// The tea with pictures 1 and 2.
fn pictured() -> Stored {
    let one = with_image(&tea(), image(1), later()).unwrap();
    fixtures::stored(with_image(&fixtures::stored(one), image(2), later()).unwrap())
}

#[test]
fn a_new_product_has_rows_for_all_its_variants() {
    let edit = fixtures::new_product(fixtures::tea_in_sizes(3));
    assert_eq!((edit.offers.len(), edit.version_after(), edit.is_nothing()), (3, 1, false));
    let skus: Vec<&Sku> = edit.offers.iter().map(OfferEdit::sku).collect();
    assert_eq!(skus, edit.product.skus.iter().collect::<Vec<_>>());
    let OfferEdit::Create(offer) = &edit.offers[1] else { panic!("a row that is not there is created") };
    assert_eq!((offer.position, offer.title.as_str(), offer.variant_title.as_str()), (1, "Darjeeling", "20 g"));
    assert_eq!((offer.tax_class, offer.for_sale, offer.product_id), (edit.product.tax_class, true, edit.product.id));
    assert_eq!(offer.stock(), crate::domain::Stock::NONE);
}

#[test]
fn a_draft_is_not_for_sale() {
    let mut body = fixtures::tea_body();
    body["status"] = json!("draft");
    assert!(fixtures::new_product(body).variants.iter().all(|offer| !offer.for_sale));
}

#[test]
fn wanting_what_is_there_changes_nothing() {
    for stored in [tea(), pictured(), fixtures::stored_tea()] {
        let edit = edited(&stored, stored.input());
        assert!(edit.is_nothing(), "{edit:?}");
        assert_eq!((edit.version_after(), edit.product.updated_at), (3, stored.product.updated_at));
    }
}

#[test]
fn only_rows_that_differ_are_written() {
    let stored = tea();
    let mut wanted = stored.input();
    wanted.variants[1].weight_grams = 7;
    let edit = edited(&stored, wanted);
    assert_eq!(edit.offers.iter().map(OfferEdit::sku).collect::<Vec<_>>(), [&sku("TEA-20")]);
    assert_eq!((edit.product.updated_at, edit.version_after()), (later().at, 4));
    let edit = changed(&stored, json!({ "description": "Second flush." }));
    assert!(edit.offers.is_empty() && !edit.is_nothing(), "carts and orders do not show it");
}

#[test]
fn what_carts_and_orders_show_reaches_every_variant() {
    for change in [json!({ "title": "Assam" }), json!({ "tax_class": "standard" }), json!({ "status": "archived" })] {
        let edit = changed(&tea(), change);
        assert_eq!(edit.offers.len(), 3);
    }
    let archived = changed(&tea(), json!({ "status": "archived" }));
    assert!(archived.is_archiving() && archived.variants.iter().all(|offer| !offer.for_sale));
    let again = changed(&fixtures::stored(archived), json!({ "title": "Assam" }));
    assert!(!again.is_archiving());
}

#[test]
fn the_stock_of_a_variant_is_no_part_of_an_edit() {
    let mut stored = tea();
    stored.offers[0].offer =
        Offer { on_hand: 5, available: 5, low_at: 2, counted: true, ..stored.offers[0].offer.clone() };
    let edit = changed(&stored, json!({ "title": "Assam" }));
    assert_eq!((edit.variants[0].on_hand, edit.variants[0].low_at, edit.variants[0].counted), (5, 2, true));
}

#[test]
fn a_variant_that_nobody_ever_had_goes_and_others_are_retired() {
    for (bind, expected) in [
        (None, "remove"),
        (Some(Offer { ordered: true, ..tea().offers[0].offer.clone() }), "retire"),
        (Some(Offer { on_hand: 1, available: 1, ..tea().offers[0].offer.clone() }), "retire"),
    ] {
        let mut stored = tea();
        if let Some(offer) = bind {
            stored.offers[0].offer = offer;
        }
        let mut wanted = stored.input();
        wanted.variants.remove(0);
        let edit = edited(&stored, wanted);
        let gone = edit.offers.iter().find(|edit| *edit.sku() == sku("TEA-10")).unwrap();
        let how = match gone {
            OfferEdit::Remove { version: 1, .. } => "remove",
            OfferEdit::Retire { .. } => "retire",
            other => panic!("{other:?}"),
        };
        assert_eq!((how, edit.product.has_retired), (expected, expected == "retire"));
        assert_eq!(edit.product.skus, [sku("TEA-20"), sku("TEA-30")]);
        assert_eq!(edit.variants[0].position, 0, "the others move up");
    }
}

#[test]
fn a_retired_variant_comes_back_with_its_stock() {
    let mut stored = tea();
    let wanted = stored.input();
    let gone = stored.product.skus.remove(0);
    stored.product.has_retired = true;
    let offer = &mut stored.offers[0].offer;
    *offer = Offer { retired: true, for_sale: false, on_hand: 4, available: 4, ordered: true, ..offer.clone() };
    let edit = edited(&stored, wanted);
    let back = &edit.variants[0];
    assert_eq!((&back.sku, back.retired, back.for_sale, back.on_hand), (&gone, false, true, 4));
    assert!(edit.offers.contains(&OfferEdit::Put(back.clone())));
    assert!(edit.product.has_retired, "it was, and its rows would stay");
}

#[test]
fn an_old_slug_stays_the_product_s_until_it_has_too_many() {
    let mut stored = tea();
    for number in 0..21 {
        let edit = changed(&stored, json!({ "slug": format!("tea-{number}") }));
        stored = fixtures::stored(edit);
    }
    let former = &stored.product.former_slugs;
    assert_eq!((former.len(), former[0].as_str(), former[19].as_str()), (20, "tea-0", "tea-19"));
    let edit = changed(&stored, json!({ "slug": "tea" }));
    assert_eq!(edit.forgotten_slugs().collect::<Vec<_>>(), [&slug("tea-0")]);
}

#[test]
fn a_slug_may_be_taken_back() {
    let there = fixtures::stored(changed(&tea(), json!({ "slug": "assam" })));
    assert_eq!(there.product.former_slugs, [slug("darjeeling")]);
    let back = changed(&there, json!({ "slug": "darjeeling" }));
    assert_eq!(back.product.former_slugs, [slug("assam")]);
    assert_eq!(back.forgotten_slugs().count(), 0);
}

#[test]
fn a_title_that_was_only_the_options_follows_them() {
    let stored = tea();
    let mut wanted = stored.input();
    wanted.options[0].values[0] = "10 grams".parse().unwrap();
    *wanted.variants[0].options.values_mut().next().unwrap() = "10 grams".parse().unwrap();
    assert_eq!(edited(&stored, wanted).variants[0].variant_title, "10 grams");
    let single = changed(&fixtures::stored_tea(), json!({ "title": "Assam" }));
    assert_eq!(single.variants[0].variant_title, "100 g", "this one was given");
}

#[test]
fn pictures_stay_in_the_order_that_is_wanted() {
    let id = |number| ImageId::new(Ulid(number)).to_string();
    let stored = pictured();
    let order = json!({ "images": [{ "id": id(2), "alt": "A tin" }, { "id": id(1), "alt": "Tea" }] });
    let edit = changed(&stored, order);
    let urls: Vec<&str> = edit.product.images.iter().map(|image| image.url.as_str()).collect();
    assert_eq!(urls, ["https://media.example/2", "https://media.example/1"]);
    assert_eq!(edit.variants[0].image.as_ref().map(|image| image.alt.as_str()), Some("A tin"));
    let none = changed(&stored, json!({ "images": [] }));
    assert_eq!((none.product.images.len(), none.variants[0].image.is_none()), (0, true));
}

#[test]
fn a_picture_that_is_not_there_or_twice_is_a_fault() {
    let id = |number| ImageId::new(Ulid(number)).to_string();
    let images = json!([{ "id": id(1), "alt": "a" }, { "id": id(9), "alt": "b" }, { "id": id(1), "alt": "c" }]);
    let change: ProductChange = serde_json::from_value(json!({ "images": images })).unwrap();
    let stored = pictured();
    let faults = apply(&stored, change.onto(&stored), Currency::EUR, later()).unwrap_err();
    let found: Vec<(&str, &str)> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
    assert_eq!(found, [("/images/2/id", "duplicate"), ("/images/1/id", "unknown_image")]);
    assert!(found.iter().all(|(_, code)| crate::domain::FAULT_CODES.contains(code)));
}

#[test]
fn faults_of_the_product_and_of_its_pictures_come_together() {
    let mut body = fixtures::tea_body();
    body["images"] = json!([{ "id": ImageId::new(Ulid(1)), "alt": "Tea" }]);
    body["variants"][0]["price"]["currency"] = json!("USD");
    let input = serde_json::from_value(body).unwrap();
    let faults = create(ProductId::new(Ulid(7)), input, Currency::EUR, later()).unwrap_err();
    let found: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(found, ["/variants/0/price/currency", "/images/0/id"]);
}

#[test]
fn a_product_has_at_most_ten_pictures() {
    let mut stored = tea();
    for number in 0..10 {
        stored = fixtures::stored(with_image(&stored, image(number), later()).unwrap());
    }
    assert!(with_image(&stored, image(10), later()).is_none());
}

#[test]
fn only_the_first_picture_reaches_the_variants() {
    assert_eq!(with_image(&tea(), image(1), later()).unwrap().offers.len(), 3);
    let one = fixtures::stored(with_image(&tea(), image(1), later()).unwrap());
    assert!(with_image(&one, image(2), later()).unwrap().offers.is_empty());
}

#[test]
fn a_reduction_remembers_what_was_asked_before() {
    let stored = tea();
    let mut wanted = stored.input();
    wanted.variants[0].price.amount = 400;
    wanted.variants[0].compare_at_price = Some(Money::new(600, Currency::EUR));
    let reduced = edited(&stored, wanted);
    assert_eq!(reduced.variants[0].lowest_price_before_reduction(), Some(Money::new(500, Currency::EUR)));
    assert_eq!(reduced.variants[1].lowest_price_before_reduction(), None);
}

#[test]
fn an_import_leaves_its_mark_on_a_variant_even_if_nothing_else_changes() {
    let stored = tea();
    let mut edit = edited(&stored, stored.input());
    edit.mark_imported(&sku("TEA-20"), "1#2:unchanged");
    edit.mark_imported(&sku("TEA-99"), "1#3:unchanged");
    let [OfferEdit::Put(offer)] = edit.offers.as_slice() else { panic!("{edit:?}") };
    assert_eq!(offer.imported.as_deref(), Some("1#2:unchanged"));
    edit.mark_imported(&sku("TEA-20"), "1#2:updated");
    let [OfferEdit::Put(offer)] = edit.offers.as_slice() else { panic!("{edit:?}") };
    assert_eq!(offer.imported.as_deref(), Some("1#2:updated"));
}

proptest! {
    /// Whatever variants are there and whatever is wanted, one edit makes it so, and then there is nothing left to do.
    #[test]
    fn an_edit_leads_to_what_was_wanted(
        there in prop::sample::subsequence((0..12).collect::<Vec<usize>>(), 1..12),
        wanted in prop::sample::subsequence((0..12).collect::<Vec<usize>>(), 1..12),
        bound in prop::collection::vec(any::<bool>(), 12),
        price in 1_i64..9,
    ) {
        let all = fixtures::stored(fixtures::new_product(fixtures::tea_in_sizes(12))).input();
        let of = |sizes: &[usize]| ProductInput {
            variants: sizes.iter().map(|at| all.variants[*at].clone()).collect(), ..all.clone()
        };
        let first = create(ProductId::new(Ulid(7)), of(&there), Currency::EUR, fixtures::moment()).unwrap();
        let mut stored = fixtures::stored(first);
        for (at, size) in there.iter().enumerate() {
            stored.offers[at].offer.ordered = bound[*size];
        }
        let mut input = of(&wanted);
        input.variants[0].price.amount = price;
        let edit = edited(&stored, input.clone());

        let after = fixtures::stored(edit.clone());
        prop_assert_eq!(after.input(), input.clone());
        prop_assert!(edited(&after, input).is_nothing());
        for (at, size) in there.iter().enumerate().filter(|(_, size)| !wanted.contains(size)) {
            let gone = edit.offers.iter().find(|edit| *edit.sku() == stored.offers[at].offer.sku).unwrap();
            prop_assert_eq!(matches!(gone, OfferEdit::Retire { .. }), bound[*size]);
        }
        let created = edit.offers.iter().filter(|edit| matches!(edit, OfferEdit::Create(_))).count();
        prop_assert_eq!(created, wanted.iter().filter(|size| !there.contains(size)).count());
        prop_assert_eq!(edit.is_nothing(), edit.offers.is_empty() && edit.product == stored.product);
        prop_assert_eq!(edit.product.status, Status::Active);
    }
}
