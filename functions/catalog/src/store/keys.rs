//! The only place that writes the catalogue's keys.
//!
//! | row | pk | sk | gsi1pk | gsi1sk |
//! | --- | --- | --- | --- | --- |
//! | product | `PRODUCT#<id>` | `PRODUCT` | `PRODUCT#<id>` | `PRODUCT` |
//! | edit that is not written whole yet | `PRODUCT#<id>` | `PENDING` | | |
//! | price and stock | `STOCK#<sku>#0` | `STOCK` | `PRODUCT#<id>` | `SKU#<position>#<sku>` |
//! | slug of a product | `SLUG#<slug>` | `SLUG` | | |
//! | listing by age | `LIST#<category id or ALL>#NEWEST` | `<product id>` | | |
//! | listing by price | `LIST#<category id or ALL>#PRICE` | `<price, 12 digits>#<product id>` | | |
//! | listing by title | `LIST#<category id or ALL>#TITLE` | `<title in small letters, 64 characters>\t<product id>` | | |
//! | listing for staff | `LIST#STAFF` | `<product id>` | | |
//! | what lists have of a product | `PRODUCT#<id>` | `LISTED` | | |
//! | product of a category | `IN#<category id>` | `<product id>` | | |
//! | tree of the categories | `CATEGORY-TREE` | `TREE` | | |
//! | category | `CATEGORIES` | `CAT#<id>` | | |
//! | slug of a category | `CATEGORY-SLUG#<slug>` | `SLUG` | | |
//! | picture on its way | `PRODUCT#<id>` | `IMAGE#<image id>` | | |
//! | import | `IMPORT#<id>` | `IMPORT` | | |
//! | refused row of an import | `IMPORT#<id>` | `FAULT#<line, 6 digits>` | | |
//! | copy of the catalogue | `EXPORT#<id>` | `EXPORT` | | |
//! | hold | `HOLD#<order id>` | `HOLD` | | |
//! | ledger entry | `LEDGER#<sku>` | `<time>#<ulid>` | | |
//! | alert of a guest | `ALERT#<sku>` | `<hash of the address>` | | |
//! | alert of a shopper | `ALERT#<sku>` | `<user id>` | `PERSON#<user id>` | pk and sk |
//! | slot for an alert | `ALERTS#<hash of the address, or user id>` | `<number>` | as its alert | |
//! | tombstone | `TOMBSTONE#<user id>` | `TOMBSTONE` | | |
//!
//! Besides these: `OUTBOX#…`, `SEEN#…`, `IDEM#…` and `AUDIT#…`, whose keys the shared crates write.
//!
//! | access pattern | how |
//! | --- | --- |
//! | a product with its offers | query `gsi1pk = PRODUCT#<id>` |
//! | a page of a category, or of all products | query `LIST#…` |
//! | all products of a category, whatever their status | query `IN#<category id>` |
//! | a product by a slug that it has or had | get `SLUG#<slug>`, then the product |
//! | a product for an edit | batch get product and `PENDING`, then `STOCK#<sku>#0` of its SKUs |
//! | all categories | query `CATEGORIES` |
//! | the offers of a cart | batch get `STOCK#<sku>#0` |
//! | the stock that an order holds | get `HOLD#<order id>` |
//! | pictures on their way to a product | query `PRODUCT#<id>`, prefix `IMAGE#` |
//! | the refused rows of an import | query `IMPORT#<id>`, prefix `FAULT#` |
//! | all products, the oldest first | query `LIST#STAFF`, then batch get products and offers |
//! | the ledger of a SKU, the newest first | query `LEDGER#<sku>` |
//! | who waits for a SKU | query `ALERT#<sku>` |
//! | what an address or an account waits for | query `ALERTS#<hash of the address, or user id>` |
//! | what is kept about somebody | query `PERSON#<user id>` |

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use dynamo::Key;
use kernel::{CategoryId, Email, ExportId, ImageId, ImportId, OrderId, ProductId, Sku, Slug, Timestamp, Ulid};

use crate::domain::{Addressee, Display, Listing, Order, PriceRange};

/// All categories are one partition: there are few, and they are always read together.
pub(crate) const CATEGORIES: &str = "CATEGORIES";

/// Characters of a title that a list is in the order of.
const SORTED_CHARS: usize = 64;

pub(crate) fn product(id: ProductId) -> Key {
    Key::new(product_index(id), "PRODUCT")
}

/// What is still to be written of the product's last edit.
pub(crate) fn pending(id: ProductId) -> Key {
    Key::new(product_index(id), "PENDING")
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
    Key::new(ledger_of(sku), format!("{at}#{id}"))
}

/// All entries of a SKU, in the order of their time.
pub(crate) fn ledger_of(sku: &Sku) -> String {
    format!("LEDGER#{sku}")
}

/// Somebody who waits for a SKU.
pub(crate) fn alert(sku: &Sku, waiter: &str) -> Key {
    Key::new(alerts(sku), waiter)
}

pub(crate) fn alerts(sku: &Sku) -> String {
    format!("ALERT#{sku}")
}

pub(crate) fn alert_slot(waiter: &str, slot: u8) -> Key {
    Key::new(alert_slots(waiter), format!("{slot:02}"))
}

pub(crate) fn alert_slots(waiter: &str) -> String {
    format!("ALERTS#{waiter}")
}

/// As whom somebody waits: guests by their address, shoppers by their account, whatever address it has.
pub(crate) fn waiter(to: &Addressee) -> String {
    match to {
        Addressee::User { user_id } => user_id.to_string(),
        Addressee::Guest { email, .. } => address_hash(email),
    }
}

/// The address itself is no part of a key: keys reach logs and errors.
pub(crate) fn address_hash(address: &Email) -> String {
    let mut hash = String::new();
    for byte in digest(&SHA256, address.as_str().as_bytes()).as_ref() {
        write!(hash, "{byte:02x}").expect("a string takes all that is written to it");
    }
    hash
}

/// The partition of a list: of one category with those below it, or of all products.
pub(crate) fn list(category: Option<CategoryId>, order: Order) -> String {
    let shelf = category.map_or("ALL".to_owned(), |id| id.to_string());
    match order {
        Order::Age => format!("LIST#{shelf}#NEWEST"),
        Order::Price => format!("LIST#{shelf}#PRICE"),
        Order::Title => format!("LIST#{shelf}#TITLE"),
    }
}

/// All products, as staff list them.
pub(crate) const STAFF_LIST: &str = "LIST#STAFF";

/// A picture that is not among the product's yet.
pub(crate) fn pending_image(product: ProductId, image: ImageId) -> Key {
    Key::new(product_index(product), format!("{PENDING_IMAGE}{image}"))
}

/// What the sort keys of pictures on their way begin with.
pub(crate) const PENDING_IMAGE: &str = "IMAGE#";

pub(crate) fn import(id: ImportId) -> Key {
    Key::new(format!("IMPORT#{id}"), "IMPORT")
}

pub(crate) fn import_fault(id: ImportId, line: u32) -> Key {
    Key::new(import(id).pk, format!("{IMPORT_FAULT}{line:06}"))
}

/// What the sort keys of an import's refused rows begin with.
pub(crate) const IMPORT_FAULT: &str = "FAULT#";

pub(crate) fn export(id: ExportId) -> Key {
    Key::new(format!("EXPORT#{id}"), "EXPORT")
}

/// Everywhere that lists have a product: for shoppers in each order of each shelf and of the whole shop, and for staff.
pub(crate) fn listings(display: &Display) -> Vec<Key> {
    let mut keys = vec![Key::new(STAFF_LIST, display.staff.id.to_string())];
    if let Some(summary) = &display.summary {
        let shelves = display.shelves.iter().copied().map(Some).chain([None]);
        keys.extend(
            shelves.flat_map(|shelf| Order::ALL.map(|order| Key::new(list(shelf, order), place(summary, order)))),
        );
    }
    keys
}

/// Where a list has a product. What does not change for the list does not move in it.
fn place(summary: &Listing, order: Order) -> String {
    let Listing { id, title, price_from, .. } = summary;
    match order {
        Order::Age => id.to_string(),
        Order::Price => format!("{:012}#{id}", price_from.amount),
        Order::Title => {
            let beginning: String = title.as_str().to_lowercase().chars().take(SORTED_CHARS).collect();
            // No title has a tab, and all that it has comes behind one: "Tea" is before "Tea pot".
            format!("{beginning}\t{id}")
        }
    }
}

/// The first and the last place that products of these prices may have, in a list that is in the order of prices.
pub(crate) fn priced(order: Order, prices: PriceRange) -> Option<(String, String)> {
    let PriceRange { min, max } = prices;
    (order == Order::Price && prices != PriceRange::ALL).then(|| (format!("{min:012}"), format!("{max:012}#~")))
}

/// What lists have of a product.
pub(crate) fn listed(id: ProductId) -> Key {
    Key::new(product_index(id), "LISTED")
}

/// The products of a category, whatever their status; not those of categories below it.
pub(crate) fn members(category: CategoryId) -> String {
    format!("IN#{category}")
}

pub(crate) fn member(category: CategoryId, product: ProductId) -> Key {
    Key::new(members(category), product.to_string())
}

/// Its version counts the changes of the tree of categories. Apart from the categories, so that it can be read before them.
pub(crate) fn tree() -> Key {
    Key::new("CATEGORY-TREE", "TREE")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{NewCategory, Tree};
    use crate::fixtures;

    fn tea() -> Display {
        let (product, offers) = fixtures::tea();
        let category: NewCategory = serde_json::from_value(json!({ "slug": "tea", "title": "Tea" })).unwrap();
        Display::of(&product, &offers, &Tree::new([category.into_category(product.category_id)]))
    }

    #[test]
    fn an_active_product_is_listed_three_times_on_each_shelf_and_among_all_and_once_for_staff() {
        let keys: Vec<String> = listings(&tea()).into_iter().map(|key| format!("{} {}", key.pk, key.sk)).collect();
        let (category, id) = (fixtures::category_id(), tea().staff.id);
        assert_eq!(
            keys,
            [
                format!("LIST#STAFF {id}"),
                format!("LIST#{category}#NEWEST {id}"),
                format!("LIST#{category}#PRICE 000000001999#{id}"),
                format!("LIST#{category}#TITLE darjeeling\t{id}"),
                format!("LIST#ALL#NEWEST {id}"),
                format!("LIST#ALL#PRICE 000000001999#{id}"),
                format!("LIST#ALL#TITLE darjeeling\t{id}"),
            ]
        );
    }

    #[test]
    fn a_draft_is_in_the_list_of_staff_only() {
        let draft = Display { summary: None, shelves: Vec::new(), ..tea() };
        let keys = listings(&draft);
        assert_eq!((keys.len(), keys[0].pk.as_str()), (1, STAFF_LIST));
    }

    fn priced_at(amount: i64) -> String {
        let mut summary = tea().summary.unwrap();
        summary.price_from.amount = amount;
        place(&summary, Order::Price)
    }

    #[test]
    fn prices_sort_as_numbers() {
        assert!(priced_at(999) < priced_at(1_000) && priced_at(1_000) < priced_at(kernel::MAX_AMOUNT));
    }

    #[test]
    fn a_range_of_prices_is_a_part_of_the_list_by_price() {
        let range = PriceRange { min: 500, max: 900 };
        assert_eq!((priced(Order::Age, range), priced(Order::Title, range)), (None, None));
        assert_eq!(priced(Order::Price, PriceRange::ALL), None);
        let (first, last) = priced(Order::Price, range).unwrap();
        let is_in = |amount| (first.clone()..=last.clone()).contains(&priced_at(amount));
        assert_eq!([499, 500, 900, 901].map(is_in), [false, true, true, false]);
    }

    #[test]
    fn titles_sort_whatever_their_capitals_and_as_far_as_a_key_goes() {
        let place_of =
            |title: &str| place(&Listing { title: title.parse().unwrap(), ..tea().summary.unwrap() }, Order::Title);
        assert!(place_of("assam") < place_of("Darjeeling") && place_of("Darjeeling") < place_of("Earl Grey"));
        assert!(place_of("Tea") < place_of("Tea pot") && place_of("Tea pot") < place_of("Tea!"));
        assert!(place_of(&"\u{1F375}".repeat(200)).len() <= 1024);
    }

    #[test]
    fn the_product_comes_before_its_offers_and_they_in_their_order() {
        let sku = Sku::parse("A").unwrap();
        let mut order = [offer_index(10, &sku), offer_index(9, &sku), product(ProductId::new(Ulid(1))).sk];
        order.sort();
        assert_eq!(order, ["PRODUCT", "SKU#009#A", "SKU#010#A"]);
    }
}
