use kernel::{CategoryId, Money, ProductId, Slug, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{Image, Offer, Product, Status, Title, Tree};

/// A product as lists show it. This is what a list's row holds and what the caller reads, so that a page is one query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProductSummary")]
pub struct Listing {
    pub id: ProductId,
    pub slug: Slug,
    pub title: Title,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// The lowest price of its variants.
    pub price_from: Money,
    /// What the cheapest variant cost before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_at_from: Option<Money>,
    /// Beside each `compare_at_from`: the lowest price of the thirty days before the reduction began; the price itself, if it had no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowest_price_30_days: Option<Money>,
    pub in_stock: bool,
}

/// A product as staff list it, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "StaffProductSummary")]
pub struct StaffListing {
    pub id: ProductId,
    pub slug: Slug,
    pub title: Title,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    pub status: Status,
    pub category_id: CategoryId,
    /// How many variants there are.
    pub variants: usize,
    pub updated_at: Timestamp,
}

/// How and where a product is to be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// For shoppers; none unless the product is for sale.
    pub summary: Option<Listing>,
    /// Where shoppers find it, besides among all products.
    pub shelves: Vec<CategoryId>,
    pub staff: StaffListing,
}

impl Display {
    /// What follows from a product, its offers in their order, and the categories.
    #[must_use]
    pub fn of(product: &Product, offers: &[Offer], tree: &Tree) -> Self {
        let cheapest = offers.iter().min_by_key(|offer| offer.price.amount);
        let summary = cheapest.filter(|_| product.is_for_sale()).map(|cheapest| Listing {
            id: product.id,
            slug: product.slug.clone(),
            title: product.title.clone(),
            image: product.first_image(),
            price_from: cheapest.price,
            compare_at_from: cheapest.compare_at_price,
            lowest_price_30_days: cheapest.lowest_price_before_reduction(),
            in_stock: offers.iter().any(|offer| offer.available > 0),
        });
        let shelves = if summary.is_some() { tree.shelves(product.category_id) } else { Vec::new() };
        let staff = StaffListing {
            id: product.id,
            slug: product.slug.clone(),
            title: product.title.clone(),
            image: product.first_image(),
            status: product.status,
            category_id: product.category_id,
            variants: product.skus.len(),
            updated_at: product.updated_at,
        };
        Self { summary, shelves, staff }
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Sort {
    #[default]
    #[serde(rename = "newest")]
    Newest,
    #[serde(rename = "price")]
    PriceUp,
    #[serde(rename = "-price")]
    PriceDown,
    #[serde(rename = "title")]
    TitleUp,
    #[serde(rename = "-title")]
    TitleDown,
}

impl Sort {
    /// What a list's rows are kept in the order of.
    #[must_use]
    pub fn order(self) -> Order {
        match self {
            Self::Newest => Order::Age,
            Self::PriceUp | Self::PriceDown => Order::Price,
            Self::TitleUp | Self::TitleDown => Order::Title,
        }
    }

    #[must_use]
    pub fn is_descending(self) -> bool {
        matches!(self, Self::Newest | Self::PriceDown | Self::TitleDown)
    }
}

/// What the rows of a list are in the order of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Age,
    Price,
    Title,
}

impl Order {
    pub const ALL: [Self; 3] = [Self::Age, Self::Price, Self::Title];
}

/// Prices in minor units, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceRange {
    pub min: i64,
    pub max: i64,
}

impl PriceRange {
    pub const ALL: Self = Self { min: 0, max: kernel::MAX_AMOUNT };

    #[must_use]
    pub fn contains(self, price: Money) -> bool {
        (self.min..=self.max).contains(&price.amount)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::NewCategory;
    use crate::fixtures;

    fn tree() -> Tree {
        let tea: NewCategory = serde_json::from_value(json!({ "slug": "tea", "title": "Tea" })).unwrap();
        Tree::new([tea.into_category(fixtures::category_id())])
    }

    fn tin(amount: i64, before: Option<i64>, available: i64) -> Offer {
        let offer = fixtures::tea().1.remove(0);
        let eur = |amount| Money::new(amount, kernel::Currency::EUR);
        Offer { price: eur(amount), compare_at_price: before.map(eur), available, ..offer }
    }

    fn summary(offers: &[Offer]) -> Listing {
        Display::of(&fixtures::tea().0, offers, &tree()).summary.unwrap()
    }

    #[test]
    fn a_product_costs_what_its_cheapest_variant_costs_and_cost() {
        let summary = summary(&[tin(900, Some(950), 0), tin(500, None, 0), tin(500, Some(700), 0)]);
        assert_eq!((summary.price_from.amount, summary.compare_at_from), (500, None), "of two alike the first");
    }

    #[test]
    fn a_list_that_shows_a_reduction_names_the_lowest_price_of_the_thirty_days_before() {
        let mut reduced = fixtures::tea_body();
        reduced["variants"][0]["price"]["amount"] = json!(1499);
        reduced["variants"][0]["compare_at_price"] = json!({ "amount": 1999, "currency": "EUR" });
        let wanted = serde_json::from_value(reduced).unwrap();
        let stored = fixtures::stored_tea();
        let edit = crate::domain::edit::apply(&stored, wanted, kernel::Currency::EUR, fixtures::moment()).unwrap();
        let listing = summary(&edit.variants);
        let shown = [listing.compare_at_from, listing.lowest_price_30_days].map(|price| price.unwrap().amount);
        assert_eq!((listing.price_from.amount, shown), (1499, [1999, 1999]));
        let row = serde_json::to_value(summary(&fixtures::tea().1)).unwrap();
        assert_eq!(row.get("lowest_price_30_days"), None, "nothing is reduced");
    }

    #[test]
    fn a_product_is_in_stock_when_any_variant_is() {
        assert!(!summary(&[tin(500, None, 0), tin(900, None, 0)]).in_stock);
        assert!(summary(&[tin(500, None, 0), tin(900, None, 1)]).in_stock);
    }

    #[test]
    fn only_staff_see_a_product_that_is_not_for_sale() {
        let (product, offers) = fixtures::tea();
        for status in [Status::Draft, Status::Archived] {
            let display = Display::of(&Product { status, ..product.clone() }, &offers, &tree());
            assert_eq!((display.summary, display.shelves, display.staff.status), (None, vec![], status));
        }
        let display = Display::of(&product, &offers, &tree());
        assert_eq!(display.shelves, [fixtures::category_id()]);
        assert_eq!((display.staff.variants, display.staff.category_id), (1, fixtures::category_id()));
    }

    #[test]
    fn both_ends_of_a_range_of_prices_are_in_it() {
        let range = PriceRange { min: 500, max: 900 };
        let contains = |amount| range.contains(Money::new(amount, kernel::Currency::EUR));
        assert_eq!([499, 500, 900, 901].map(contains), [false, true, true, false]);
    }
}
