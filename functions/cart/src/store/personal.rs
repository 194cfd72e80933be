//! What is kept about people, for those who leave and those who ask.

use dynamo::{Entity as _, Item, Query, StoreError, Table};
use events::UserExportRequested;
use privacy::{Collect, Forget, Leaver, Tombstone, erase_listed};
use serde_json::{Value, json};

use crate::domain::Cart;
use crate::store::Carts;

impl Forget for Carts {
    type Error = StoreError;

    async fn forget(&self, leaver: &Leaver) -> Result<(), StoreError> {
        Tombstone::put(&self.table, &leaver.user_id, leaver.deleted_at).await?;
        erase_listed(&self.table, &leaver.user_id).await.map(|_| ())
    }
}

impl Collect for Carts {
    async fn collect(&self, asked: &UserExportRequested) -> Result<Value, StoreError> {
        let items = self.table.all_items(Query::about(&asked.user_id)).await?;
        Ok(json!({ "carts": carts(items)? }))
    }
}

/// The carts among the rows about somebody; other kinds may be there, too.
fn carts(items: Vec<Item>) -> Result<Vec<Cart>, StoreError> {
    let carts = items.into_iter().filter(|item| Table::type_of(item) == Cart::TYPE);
    carts.map(|item| Table::decode(item).map(|row| row.body)).collect()
}

#[cfg(test)]
mod tests {
    use dynamo::{AttributeValue, Row};

    use super::*;
    use crate::domain::examples::cart;
    use crate::store::keys;

    #[test]
    fn other_rows_about_somebody_are_no_carts() {
        let AttributeValue::M(item) = dynamo::value(Row::new(keys::cart(cart().id), cart())) else {
            panic!("a row is an item")
        };
        let other = Item::from([
            ("pk".to_owned(), AttributeValue::S("WISH#1".to_owned())),
            ("type".to_owned(), AttributeValue::S("wish".to_owned())),
        ]);
        let found: Vec<_> = carts(vec![other, item]).unwrap().into_iter().map(|cart| cart.id).collect();
        assert_eq!(found, [cart().id]);
    }
}
