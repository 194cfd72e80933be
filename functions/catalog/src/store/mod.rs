//! The catalogue's table: one function for each access pattern.

mod categories;
mod holds;
mod inventory;
pub(crate) mod keys;
mod listings;
mod offers;
mod products;

use dynamo::Table;

pub use offers::{NotReserved, Reservation};

/// The catalogue's table.
#[derive(Debug, Clone)]
pub struct Catalog {
    pub(crate) table: Table,
}

impl Catalog {
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// The table that `CATALOG_TABLE` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self::new(Table::from_env("CATALOG_TABLE").await?))
    }
}

#[cfg(test)]
mod tests {
    use dynamo::{Entity, Key, Row};
    use kernel::{OrderId, Sku, Ulid};
    use proptest::prelude::*;

    use crate::domain::Hold;
    use crate::fixtures;

    fn reads_back<T: Entity + PartialEq + std::fmt::Debug>(body: T) {
        let row = Row::new(Key::new("PK", "SK"), body).indexed("GSI", "1");
        let item: dynamo::Item = serde_dynamo::to_item(&row).unwrap();
        assert_eq!(serde_dynamo::from_item::<_, Row<T>>(item).unwrap(), row);
    }

    #[test]
    fn products_offers_and_listings_are_read_as_they_were_written() {
        let (product, offers) = fixtures::tea();
        reads_back(product.listing());
        reads_back(product);
        offers.into_iter().for_each(reads_back);
    }

    proptest! {
        #[test]
        fn holds_are_read_as_they_were_written(lines in prop::collection::btree_map("[A-Za-z0-9._-]{1,64}", 1_u32.., 0..50)) {
            let lines = lines.into_iter().map(|(sku, units)| (Sku::parse(&sku).unwrap(), units)).collect();
            reads_back(Hold { order_id: OrderId::new(Ulid(1)), lines, expires_at: fixtures::now() });
        }
    }
}
