//! What lists have of a product, kept beside it, so that it can be taken back from exactly there.

use dynamo::{Change, Condition, Entity, Key, Personal, Row, StoreError, WriteError, WriteSet, batch_get};
use kernel::{ProductId, Sku};
use serde::{Deserialize, Serialize};

use crate::domain::{Display, Listing, Offer, StaffListing};
use crate::handlers::list_product::{Found, LoadListed, LoadOffers, Relisting, SaveListed};
use crate::store::{Catalog, keys};

/// The rows of lists that show a product, and what is in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    places: Vec<Key>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    summary: Option<Listing>,
    staff: StaffListing,
}

impl Entity for Listed {
    const TYPE: &'static str = "listed";
    const PERSONAL: Personal = Personal::None;
}

impl Listed {
    pub(crate) fn of(display: &Display) -> Self {
        let Display { summary, staff, .. } = display.clone();
        Self { places: keys::listings(display), summary, staff }
    }

    /// Whether the row at `key` shows the same in both.
    fn is_alike(&self, other: &Self, key: &Key) -> bool {
        let is_same =
            if key.pk == keys::STAFF_LIST { self.staff == other.staff } else { self.summary == other.summary };
        is_same && other.places.contains(key)
    }
}

/// Places that a product leaves, and those where what is shown is new.
#[derive(Debug, Default, PartialEq, Eq)]
struct Difference<'a> {
    gone: Vec<&'a Key>,
    new: Vec<&'a Key>,
}

impl<'a> Difference<'a> {
    fn between(before: Option<&'a Listed>, after: Option<&'a Listed>) -> Self {
        let (here, there) = (places(before), places(after));
        let is_new = |key: &&Key| !before.zip(after).is_some_and(|(before, after)| after.is_alike(before, key));
        Self {
            gone: here.iter().filter(|key| !there.contains(key)).collect(),
            new: there.iter().filter(is_new).collect(),
        }
    }
}

fn places(listed: Option<&Listed>) -> &[Key] {
    match listed {
        Some(listed) => &listed.places,
        None => &[],
    }
}

impl LoadListed for Catalog {
    async fn load_listed(&self, id: ProductId) -> Result<Found, StoreError> {
        let (product, listed) = (keys::product(id), keys::listed(id));
        let mut batch = batch_get([(&self.table, product.clone()), (&self.table, listed.clone())]).await?;
        Ok(Found { product: batch.take(&self.table, &product)?, listed: batch.take(&self.table, &listed)? })
    }
}

impl LoadOffers for Catalog {
    async fn load_offers(&self, skus: &[Sku]) -> Result<Vec<Offer>, StoreError> {
        let mut batch = batch_get(skus.iter().map(|sku| self.offer_key(sku))).await?;
        let mut offers = Vec::with_capacity(skus.len());
        for sku in skus {
            offers.extend(self.take_offer(&mut batch, sku)?);
        }
        Ok(offers)
    }
}

impl SaveListed for Catalog {
    async fn save_listed(
        &self,
        id: ProductId,
        found: &Found,
        display: Option<&Display>,
    ) -> Result<Relisting, StoreError> {
        let (table, key, after) = (&self.table, keys::listed(id), display.map(Listed::of));
        let before = found.listed.as_ref().map(|row| &row.body);
        let version_read = found.listed.as_ref().map(|row| row.version);
        let mine = match (version_read, &after) {
            (None, None) => return Ok(Relisting::NothingToDo),
            (None, Some(after)) => Change::create(table, &Row::new(key, after.clone())),
            (Some(version), None) => Change::delete(table, key, Condition::equals("version", version)),
            (Some(_), Some(after)) if before == Some(after) => return Ok(Relisting::NothingToDo),
            (Some(version), Some(after)) => {
                let row = Row { version: version + 1, ..Row::new(key, after.clone()) };
                Change::put(table, &row, Condition::equals("version", version))
            }
        };
        let product = found.product.as_ref().map(|row| Condition::equals("version", row.version));
        let is_as_found = Change::check(table, keys::product(id), product.unwrap_or(Condition::Absent));
        let mut set = WriteSet::new().with(is_as_found, ()).with(mine, ());
        let Difference { gone, new } = Difference::between(before, after.as_ref());
        // The condition on what lists have of the product holds for all of its places.
        let whatever = || Condition::Exists.or(Condition::Absent);
        for place in gone {
            set.push(Change::delete(table, place.clone(), whatever()), ());
        }
        for place in new {
            let change = match display {
                Some(Display { summary: Some(summary), .. }) if place.pk != keys::STAFF_LIST => {
                    Change::put(table, &Row::new(place.clone(), summary.clone()), whatever())
                }
                Some(Display { staff, .. }) => Change::put(table, &Row::new(place.clone(), staff.clone()), whatever()),
                None => unreachable!("a product that is gone has no new place"),
            };
            set.push(change, ());
        }
        match set.commit().await {
            Ok(()) => Ok(Relisting::Written),
            Err(WriteError::Refused(_)) => Ok(Relisting::Raced),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{CategoryId, Ulid};

    use super::*;
    use crate::domain::Tree;
    use crate::fixtures;

    fn tea() -> Display {
        let (product, offers) = fixtures::tea();
        let display = Display::of(&product, &offers, &Tree::default());
        Display { shelves: vec![CategoryId::new(Ulid(1)), CategoryId::new(Ulid(2))], ..display }
    }

    /// Keys of places left and of places written.
    fn difference(before: Option<&Display>, after: Option<&Display>) -> (Vec<String>, Vec<String>) {
        let (before, after) = (before.map(Listed::of), after.map(Listed::of));
        let Difference { gone, new } = Difference::between(before.as_ref(), after.as_ref());
        let lists = |keys: Vec<&Key>| keys.into_iter().map(|key| key.pk.clone()).collect();
        (lists(gone), lists(new))
    }

    #[test]
    fn a_new_product_takes_all_its_places_and_one_that_is_gone_leaves_them() {
        assert_eq!(difference(None, Some(&tea())).1.len(), 10);
        let (gone, new) = difference(Some(&tea()), None);
        assert_eq!((gone.len(), new.len()), (10, 0));
        assert_eq!(difference(Some(&tea()), Some(&tea())), (vec![], vec![]));
    }

    #[test]
    fn another_price_moves_the_product_in_lists_by_price_and_is_shown_in_all() {
        let mut cheaper = tea();
        cheaper.summary.as_mut().unwrap().price_from.amount = 999;
        let (gone, new) = difference(Some(&tea()), Some(&cheaper));
        assert!(gone.len() == 3 && gone.iter().all(|list| list.ends_with("#PRICE")), "{gone:?}");
        assert!(new.len() == 9 && !new.contains(&keys::STAFF_LIST.to_owned()), "{new:?}");
    }

    #[test]
    fn another_category_moves_the_product_and_leaves_the_list_of_all_alone() {
        let moved = Display { shelves: vec![CategoryId::new(Ulid(1)), CategoryId::new(Ulid(3))], ..tea() };
        let (gone, new) = difference(Some(&tea()), Some(&moved));
        assert!(gone.len() == 3 && gone.iter().all(|list| list.contains(&CategoryId::new(Ulid(2)).to_string())));
        assert!(new.len() == 3 && new.iter().all(|list| list.contains(&CategoryId::new(Ulid(3)).to_string())));
    }

    #[test]
    fn a_product_that_is_no_longer_sold_stays_in_the_list_of_staff() {
        let draft = Display { summary: None, shelves: Vec::new(), ..tea() };
        let (gone, new) = difference(Some(&tea()), Some(&draft));
        assert_eq!((gone.len(), new), (9, vec![]));
    }

    #[test]
    fn the_longest_path_from_one_corner_of_the_shop_to_another_fits_into_one_transaction() {
        let shelves = |from: u128| (from..from + 5).map(|number| CategoryId::new(Ulid(number))).collect();
        let (here, there) = (Display { shelves: shelves(1), ..tea() }, Display { shelves: shelves(11), ..tea() });
        let (gone, new) = difference(Some(&here), Some(&there));
        assert!(gone.len() + new.len() + 2 <= 100);
    }
}
