//! Lists of products: a page is one query, because the rows hold what a list shows.

use std::collections::HashMap;

use dynamo::{Entity, Key, Page, Personal, Query, StoreError};
use kernel::CategoryId;

use crate::domain::{Listing, Sort};
use crate::handlers::list_products::LoadListings;
use crate::store::{Catalog, keys};

impl Entity for Listing {
    const TYPE: &'static str = "listing";
    const PERSONAL: Personal = Personal::None;
}

impl LoadListings for Catalog {
    async fn load_listings(
        &self,
        category: Option<CategoryId>,
        sort: Sort,
        limit: u16,
        after: Option<HashMap<String, String>>,
    ) -> Result<Page<Listing>, StoreError> {
        // One more than is shown, so that a list that ends with the page says so.
        let query = Query::partition(keys::list(category, sort)).limit(limit + 1).after(after);
        let query = if sort == Sort::PriceUp { query } else { query.descending() };
        let page = self.table.query(query).await?;
        Ok(cut(page, limit.into()))
    }
}

/// The first `limit` rows, and where the rest begins.
fn cut(mut page: Page<Listing>, limit: usize) -> Page<Listing> {
    if page.rows.len() > limit {
        page.rows.truncate(limit);
        page.next = page.rows.last().map(|row| {
            let Key { pk, sk } = row.key.clone();
            HashMap::from([("pk".to_owned(), pk), ("sk".to_owned(), sk)])
        });
    }
    page
}

#[cfg(test)]
mod tests {
    use dynamo::Row;

    use super::*;
    use crate::fixtures;

    fn page_of(rows: usize) -> Page<Listing> {
        let listing = fixtures::tea().0.listing();
        let row = |number: usize| Row::new(Key::new("LIST", number.to_string()), listing.clone());
        Page { rows: (0..rows).map(row).collect(), next: None }
    }

    #[test]
    fn the_next_page_begins_behind_the_last_row_shown() {
        let page = cut(page_of(3), 2);
        assert_eq!((page.rows.len(), page.next.unwrap()["sk"].as_str()), (2, "1"));
    }

    #[test]
    fn a_list_that_ends_with_the_page_has_no_next_one() {
        let page = cut(page_of(2), 2);
        assert_eq!((page.rows.len(), page.next), (2, None));
    }
}
