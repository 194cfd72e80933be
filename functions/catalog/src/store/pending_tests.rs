use dynamo::Key;

use super::*;
use crate::domain::PriceHistory;
use crate::fixtures;

fn read_back<T: Entity>(row: &Row<T>) -> Row<T> {
    let item: dynamo::Item = serde_dynamo::to_item(row).unwrap();
    serde_dynamo::from_item(item).unwrap()
}

fn offer() -> Offer {
    let offer = fixtures::tea().1.remove(0);
    assert!(!offer.prices.is_empty());
    offer
}

#[test]
fn what_is_left_of_an_edit_is_read_as_it_was_written() {
    let sku = offer().sku;
    let offers = vec![
        OfferEdit::Create(offer()),
        OfferEdit::Put(offer()),
        OfferEdit::Retire { sku: sku.clone(), prices: offer().prices },
        OfferEdit::Remove { sku, version: 7, prices: PriceHistory::default() },
    ];
    let row = Row::new(Key::new("PRODUCT#1", "PENDING"), Pending { product_id: offer().product_id, offers });
    assert_eq!(read_back(&row), row);
}

#[test]
fn a_sku_that_is_held_is_read_by_carts_as_one_that_is_not_for_sale() {
    let offer = Offer { for_sale: false, retired: true, ..offer() };
    let held = Held { offer: offer.clone(), held_at: Some(fixtures::now()) };
    let row = Row::new(keys::stock(&offer.sku), held);
    assert_eq!(read_back(&row), row);
    let item: dynamo::Item = serde_dynamo::to_item(&row).unwrap();
    assert_eq!(serde_dynamo::from_item::<_, Row<Offer>>(item).unwrap().body, offer);
    let plain: dynamo::Item = serde_dynamo::to_item(Row::new(keys::stock(&offer.sku), offer)).unwrap();
    assert_eq!(serde_dynamo::from_item::<_, Row<Held>>(plain).unwrap().body.held_at, None);
}

#[test]
fn what_goes_beyond_one_transaction_is_first_new_skus_and_then_goodbyes() {
    let numbered = |number: usize| Offer { sku: format!("TEA-{number}").parse().unwrap(), ..offer() };
    let gone = |number: usize| OfferEdit::Retire { sku: numbered(number).sku, prices: PriceHistory::default() };
    let mut edits: Vec<OfferEdit> = (0..40).map(gone).collect();
    edits.extend((40..80).map(|number| OfferEdit::Create(numbered(number))));
    edits.extend((80..120).map(|number| OfferEdit::Put(numbered(number))));
    let (first, later) = steps(&edits);
    let counts = |edits: &[OfferEdit]| {
        let count = |is: fn(&OfferEdit) -> bool| edits.iter().filter(|edit| is(edit)).count();
        let put = count(|edit| matches!(edit, OfferEdit::Put(_)));
        let create = count(|edit| matches!(edit, OfferEdit::Create(_)));
        [put, create, edits.len() - put - create]
    };
    assert_eq!((counts(&first), counts(&later)), ([40, 20, 0], [0, 20, 40]));
}

#[test]
fn an_edit_within_one_transaction_leaves_nothing() {
    let edits: Vec<OfferEdit> = (0..AT_ONCE).map(|_| OfferEdit::Put(offer())).collect();
    let (first, later) = steps(&edits);
    assert_eq!((first.len(), later.len()), (AT_ONCE, 0));
}

#[test]
fn what_is_left_of_an_edit_is_shown_as_if_it_were_written() {
    let (mut dearer, mut row) =
        (Offer { weight_grams: 7, retired: false, ..offer() }, Offer { retired: true, ..offer() });
    dearer.price.amount += 1;
    (row.available, row.on_hand, row.counted) = (3, 3, true);
    let pending = Pending { product_id: row.product_id, offers: vec![OfferEdit::Put(dearer.clone())] };
    let mut shown = row.clone();
    pending.show_in(&mut shown);
    assert_eq!((shown.price, shown.weight_grams, shown.retired), (dearer.price, 7, false));
    assert_eq!((shown.stock(), shown.counted), (row.stock(), true));
    let mut other = Offer { sku: "TEA-7".parse().unwrap(), ..row };
    let before = other.clone();
    pending.show_in(&mut other);
    assert_eq!(other, before);
}

#[test]
fn what_is_only_held_is_no_variant_yet() {
    let (product, mut offers) = fixtures::tea();
    let held = Held { offer: offers.remove(0), held_at: Some(fixtures::now()) };
    let elsewhere = Product { skus: vec!["TEA-7".parse().unwrap()], ..product.clone() };
    assert_eq!(held.clone().of(&elsewhere), None);
    assert_eq!(held.clone().of(&product), Some(held.offer.clone()), "it waits for its contents");
    let written = Held { held_at: None, ..held };
    assert_eq!(written.clone().of(&elsewhere), Some(written.offer.clone()), "it was retired");
    let stranger = Product { id: ProductId::new(kernel::Ulid(9)), ..product };
    assert_eq!(written.of(&stranger), None);
}
