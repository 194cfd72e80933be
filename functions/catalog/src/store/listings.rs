//! Lists of products: a page is one query, because the rows hold what a list shows.

use std::collections::HashMap;

use dynamo::{Entity, Key, Page, Personal, Query, Row, StoreError};

use crate::domain::{Listing, PriceRange, StaffListing, Status};
use crate::handlers::list_all_products::LoadStaffListings;
use crate::handlers::list_products::{LoadListings, Place, Wanted};
use crate::store::{Catalog, keys};

/// Rows that one page may look through for those that are wanted.
const LOOKED_THROUGH: u16 = 400;

impl Entity for Listing {
    const TYPE: &'static str = "listing";
    const PERSONAL: Personal = Personal::None;
}

impl Entity for StaffListing {
    const TYPE: &'static str = "staff_listing";
    const PERSONAL: Personal = Personal::None;
}

impl LoadListings for Catalog {
    async fn load_listings(
        &self,
        wanted: &Wanted,
        limit: u16,
        after: Option<Place>,
    ) -> Result<Page<Listing>, StoreError> {
        let Wanted { category, sort, prices } = *wanted;
        let query = Query::partition(keys::list(category, sort.order())).after(after);
        let query = if sort.is_descending() { query.descending() } else { query };
        let (query, is_all) = match keys::priced(sort.order(), prices) {
            Some((first, last)) => (query.between(first, last), true),
            None => (query, prices == PriceRange::ALL),
        };
        // One more than is shown, so that a list that ends with the page says so.
        let page = self.table.query(query.limit(if is_all { limit + 1 } else { LOOKED_THROUGH })).await?;
        Ok(cut(page, limit.into(), |listing: &Listing| prices.contains(listing.price_from)))
    }
}

impl LoadStaffListings for Catalog {
    async fn load_staff_listings(
        &self,
        status: Option<Status>,
        limit: u16,
        after: Option<Place>,
    ) -> Result<Page<StaffListing>, StoreError> {
        let rows = if status.is_none() { limit + 1 } else { LOOKED_THROUGH };
        let query = Query::partition(keys::STAFF_LIST).descending().limit(rows).after(after);
        let page = self.table.query(query).await?;
        let is_wanted = |listing: &StaffListing| status.is_none_or(|status| listing.status == status);
        Ok(cut(page, limit.into(), is_wanted))
    }
}

/// The first `limit` rows that are wanted, and where the rest begins.
fn cut<T>(page: Page<T>, limit: usize, is_wanted: impl Fn(&T) -> bool) -> Page<T> {
    let Page { rows, mut next } = page;
    let mut rows: Vec<Row<T>> = rows.into_iter().filter(|row| is_wanted(&row.body)).collect();
    if rows.len() > limit {
        rows.truncate(limit);
        next = rows.last().map(|row| {
            let Key { pk, sk } = row.key.clone();
            HashMap::from([("pk".to_owned(), pk), ("sk".to_owned(), sk)])
        });
    }
    Page { rows, next }
}

#[cfg(test)]
#[path = "listings_tests.rs"]
mod tests;
