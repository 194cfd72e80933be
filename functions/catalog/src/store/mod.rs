//! The catalogue's table: one function for each access pattern.

mod alerts;
mod categories;
mod edits;
mod exports;
mod file_queues;
mod holds;
mod images;
mod imports;
mod inventory;
pub(crate) mod keys;
mod listed;
mod listings;
mod members;
mod offers;
mod pending;
mod personal;
mod products;
mod stock_stream;
mod work_queues;

use dynamo::Table;

pub use alerts::Alerts;
pub use file_queues::FileQueue;
pub use listed::Listed;
pub use offers::{NotReserved, Reservation};
pub use stock_stream::read_record;
pub use work_queues::{AlertQueue, DeadLetters, ListQueue, RelistQueue};

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

    /// The table itself, for what this service tells others.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }
}

#[cfg(test)]
mod tests {
    use dynamo::{Entity, Key, Row};
    use kernel::{OrderId, Sku, Ulid};
    use proptest::prelude::*;

    use super::Listed;
    use crate::domain::{Display, Hold, Tree};
    use crate::fixtures;

    fn reads_back<T: Entity + PartialEq + std::fmt::Debug>(body: T) {
        let row = Row::new(Key::new("PK", "SK"), body).indexed("GSI", "1");
        let item: dynamo::Item = serde_dynamo::to_item(&row).unwrap();
        assert_eq!(serde_dynamo::from_item::<_, Row<T>>(item).unwrap(), row);
    }

    #[test]
    fn products_offers_and_listings_are_read_as_they_were_written() {
        let (product, offers) = fixtures::tea();
        let display = Display::of(&product, &offers, &Tree::default());
        reads_back(Listed::of(&display));
        reads_back(display.summary.unwrap());
        reads_back(display.staff);
        reads_back(product);
        offers.into_iter().for_each(reads_back);
    }

    proptest! {
        #[test]
        fn holds_are_read_as_they_were_written(
            lines in prop::collection::btree_map("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", 1_u32.., 0..50),
        ) {
            let lines = lines.into_iter().map(|(sku, units)| (Sku::parse(&sku).unwrap(), units)).collect();
            reads_back(Hold { order_id: OrderId::new(Ulid(1)), lines, expires_at: fixtures::now() });
        }
    }
}
