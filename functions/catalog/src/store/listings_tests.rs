use std::collections::{BTreeMap, BTreeSet};

use kernel::{Currency, Money, ProductId, Ulid};
use proptest::prelude::*;

use super::*;
use crate::domain::{Display, Tree};
use crate::fixtures;

fn tea(number: u128, price: i64) -> Listing {
    let (product, offers) = fixtures::tea();
    let summary = Display::of(&product, &offers, &Tree::default()).summary.unwrap();
    Listing { id: ProductId::new(Ulid(number)), price_from: Money::new(price, Currency::EUR), ..summary }
}

fn place(sk: &str) -> Place {
    HashMap::from([("pk".to_owned(), "LIST".to_owned()), ("sk".to_owned(), sk.to_owned())])
}

/// What DynamoDB answers of a list with these rows: so many behind the place, and where it stopped unless that was the end.
fn query(list: &BTreeMap<String, Listing>, after: Option<&Place>, rows: usize) -> Page<Listing> {
    let behind = list.iter().filter(|(sk, _)| after.is_none_or(|place| **sk > place["sk"]));
    let read: Vec<_> = behind.take(rows).map(|(sk, listing)| Row::new(Key::new("LIST", sk), listing.clone())).collect();
    let next = (read.len() == rows).then(|| place(&read[rows - 1].key.sk));
    Page { rows: read, next }
}

fn shelf(prices: impl IntoIterator<Item = i64>) -> BTreeMap<String, Listing> {
    (0..).zip(prices).map(|(number, price)| (format!("{number:04}"), tea(number, price))).collect()
}

#[test]
fn the_next_page_begins_behind_the_last_row_shown() {
    let list = shelf(vec![1; 8]);
    let page = cut(query(&list, None, 4), 3, |_| true);
    assert_eq!((page.rows.len(), page.next), (3, Some(place("0002"))));
}

#[test]
fn a_list_that_ends_with_the_page_says_so() {
    let list = shelf(vec![1; 3]);
    let page = cut(query(&list, None, 4), 3, |_| true);
    assert_eq!((page.rows.len(), page.next), (3, None));
}

#[test]
fn a_page_that_looked_through_many_rows_in_vain_leads_on_all_the_same() {
    let list = shelf(vec![1; 8]);
    let page = cut(query(&list, None, 4), 3, |_| false);
    assert_eq!((page.rows.len(), page.next), (0, Some(place("0003"))));
}

/// What happens to a shelf between two pages.
#[derive(Debug, Clone)]
enum Change {
    Come { sk: String, price: i64 },
    Go { nth: usize },
    Reprice { nth: usize, price: i64 },
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        ("[0-9]{4}x", 1..9_i64).prop_map(|(sk, price)| Change::Come { sk, price }),
        (0..60_usize).prop_map(|nth| Change::Go { nth }),
        (0..60_usize, 1..9_i64).prop_map(|(nth, price)| Change::Reprice { nth, price }),
    ]
}

proptest! {
    #[test]
    fn a_list_walked_while_products_change_shows_once_each_that_stayed_as_it_was(
        prices in prop::collection::vec(1..9_i64, 0..60),
        changes in prop::collection::vec(prop::collection::vec(change(), 0..4), 0..60),
        limit in 1..7_usize,
        looked_through in 1..9_usize,
        dearest in 3..9_i64,
    ) {
        let mut list = shelf(prices);
        let mut untouched: BTreeSet<ProductId> = list.values().map(|listing| listing.id).collect();
        let (mut changes, mut seen, mut after) = (changes.into_iter(), Vec::new(), None);
        let mut fresh = 10_000..;
        let is_wanted = |listing: &Listing| listing.price_from.amount <= dearest;
        loop {
            let page = cut(query(&list, after.as_ref(), looked_through.max(limit + 1)), limit, is_wanted);
            prop_assert!(page.rows.len() <= limit);
            seen.extend(page.rows.iter().map(|row| row.body.id));
            after = page.next;
            if after.is_none() {
                break;
            }
            for change in changes.next().unwrap_or_default() {
                let nth = |nth: usize| list.keys().nth(nth).cloned();
                match change {
                    Change::Come { sk, price } => {
                        list.entry(sk).or_insert_with(|| tea(fresh.next().unwrap(), price));
                    }
                    Change::Go { nth: at } => {
                        if let Some(gone) = nth(at).and_then(|sk| list.remove(&sk)) {
                            untouched.remove(&gone.id);
                        }
                    }
                    Change::Reprice { nth: at, price } => {
                        if let Some(listing) = nth(at).and_then(|sk| list.get_mut(&sk)) {
                            untouched.remove(&listing.id);
                            listing.price_from.amount = price;
                        }
                    }
                }
            }
        }
        let once: BTreeSet<ProductId> = seen.iter().copied().collect();
        prop_assert_eq!(once.len(), seen.len(), "none is shown twice");
        for listing in list.values().filter(|listing| is_wanted(listing) && untouched.contains(&listing.id)) {
            prop_assert!(once.contains(&listing.id), "{} was skipped", listing.id);
        }
    }
}
