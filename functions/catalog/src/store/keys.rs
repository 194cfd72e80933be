//! The only place that writes the catalogue's keys.
//!
//! | row | pk | sk | gsi1pk | gsi1sk |
//! | --- | --- | --- | --- | --- |
//! | product | `PRODUCT#<id>` | `PRODUCT` | `PRODUCT#<id>` | `PRODUCT` |
//! | price and stock | `STOCK#<sku>#0` | `STOCK` | `PRODUCT#<id>` | `SKU#<position>#<sku>` |
//! | slug of a product | `SLUG#<slug>` | `SLUG` | | |
//! | listing by age | `LIST#<category id or ALL>#NEWEST` | `<product id>` | | |
//! | listing by price | `LIST#<category id or ALL>#PRICE` | `<price, 12 digits>#<product id>` | | |
//! | category | `CATEGORIES` | `CAT#<id>` | | |
//! | slug of a category | `CATEGORY-SLUG#<slug>` | `SLUG` | | |
//! | hold | `HOLD#<order id>` | `HOLD` | | |
//! | ledger entry | `LEDGER#<sku>` | `<time>#<ulid>` | | |
//!
//! Besides these: `OUTBOX#…`, `SEEN#…`, `IDEM#…` and `AUDIT#…`, whose keys the shared crates write.
//!
//! | access pattern | how |
//! | --- | --- |
//! | a product with its offers | query `gsi1pk = PRODUCT#<id>` |
//! | a page of a category, or of all products | query `LIST#…` |
//! | all categories | query `CATEGORIES` |
//! | the offers of a cart | batch get `STOCK#<sku>#0` |
//! | the stock that an order holds | get `HOLD#<order id>` |

use dynamo::Key;
use kernel::{CategoryId, OrderId, ProductId, Sku, Slug, Timestamp, Ulid};

use crate::domain::{Product, Sort};

/// All categories are one partition: there are few, and they are always read together.
pub(crate) const CATEGORIES: &str = "CATEGORIES";

pub(crate) fn product(id: ProductId) -> Key {
    Key::new(product_index(id), "PRODUCT")
}

/// The shard is 0 for now; a hot SKU can be spread over more rows later.
pub(crate) fn stock(sku: &Sku) -> Key {
    Key::new(format!("STOCK#{sku}#0"), "STOCK")
}

pub(crate) fn product_index(id: ProductId) -> String {
    format!("PRODUCT#{id}")
}

/// Sorts behind the product, and by position among its kind.
pub(crate) fn offer_index(position: u16, sku: &Sku) -> String {
    format!("SKU#{position:03}#{sku}")
}

pub(crate) fn slug(slug: &Slug) -> Key {
    Key::new(format!("SLUG#{slug}"), "SLUG")
}

pub(crate) fn category(id: CategoryId) -> Key {
    Key::new(CATEGORIES, format!("CAT#{id}"))
}

pub(crate) fn category_slug(slug: &Slug) -> Key {
    Key::new(format!("CATEGORY-SLUG#{slug}"), "SLUG")
}

pub(crate) fn hold(order: OrderId) -> Key {
    Key::new(format!("HOLD#{order}"), "HOLD")
}

pub(crate) fn ledger(sku: &Sku, at: Timestamp, id: Ulid) -> Key {
    Key::new(format!("LEDGER#{sku}"), format!("{at}#{id}"))
}

/// The partition of a list: of one category with those below it, or of all products.
pub(crate) fn list(category: Option<CategoryId>, sort: Sort) -> String {
    let shelf = category.map_or("ALL".to_owned(), |id| id.to_string());
    match sort {
        Sort::Newest => format!("LIST#{shelf}#NEWEST"),
        Sort::PriceUp | Sort::PriceDown => format!("LIST#{shelf}#PRICE"),
    }
}

/// Where all lists show an active product; a draft is in none.
pub(crate) fn listings(product: &Product) -> Vec<Key> {
    if !product.is_listed() {
        return Vec::new();
    }
    let shelves = product.listed_in.iter().copied().map(Some).chain([None]);
    let by_price = format!("{:012}#{}", product.price_from.amount, product.id);
    shelves
        .flat_map(|shelf| {
            [
                Key::new(list(shelf, Sort::Newest), product.id.to_string()),
                Key::new(list(shelf, Sort::PriceUp), by_price.clone()),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::domain::Status;
    use crate::fixtures;

    use super::*;

    #[test]
    fn an_active_product_is_listed_twice_on_each_shelf_and_among_all() {
        let (product, _) = fixtures::tea();
        let keys: Vec<String> = listings(&product).into_iter().map(|key| format!("{} {}", key.pk, key.sk)).collect();
        let (category, id) = (product.category_id, product.id);
        assert_eq!(
            keys,
            [
                format!("LIST#{category}#NEWEST {id}"),
                format!("LIST#{category}#PRICE 000000001999#{id}"),
                format!("LIST#ALL#NEWEST {id}"),
                format!("LIST#ALL#PRICE 000000001999#{id}"),
            ]
        );
    }

    #[test]
    fn a_draft_is_in_no_list() {
        let (product, _) = fixtures::tea();
        assert_eq!(listings(&Product { status: Status::Draft, ..product }), []);
    }

    #[test]
    fn prices_sort_as_numbers() {
        let (product, _) = fixtures::tea();
        let key = |amount| {
            let mut product = product.clone();
            product.price_from.amount = amount;
            listings(&product)[1].sk.clone()
        };
        assert!(key(999) < key(1_000) && key(1_000) < key(kernel::MAX_AMOUNT));
    }

    #[test]
    fn the_product_comes_before_its_offers_and_they_in_their_order() {
        let sku = Sku::parse("A").unwrap();
        let mut order = [offer_index(10, &sku), offer_index(9, &sku), product(ProductId::new(Ulid(1))).sk];
        order.sort();
        assert_eq!(order, ["PRODUCT", "SKU#009#A", "SKU#010#A"]);
    }
}
