//! Which products a category has: one row each, written with the product itself, so that a category is never deleted under one.

use std::collections::HashMap;

use dynamo::{Change, Condition, Entity, Key, Personal, Query, Row, StoreError, WriteError, WriteSet};
use events::{Envelope, ProductChanged};
use kernel::{CategoryId, ProductId};
use serde::{Deserialize, Serialize};

use crate::domain::Product;
use crate::handlers::empty_category::{MoveProduct, ReadProduct};
use crate::handlers::members::LoadMembers;
use crate::store::{Catalog, keys};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) product_id: ProductId,
}

impl Entity for Member {
    const TYPE: &'static str = "member";
    const PERSONAL: Personal = Personal::None;
}

impl Catalog {
    /// Puts a product into a category; goes with [`Catalog::takes_products`].
    pub(crate) fn joins(&self, category: CategoryId, product: ProductId) -> Change {
        Change::create(&self.table, &Row::new(keys::member(category, product), Member { product_id: product }))
    }

    /// Takes a product out of its category.
    pub(crate) fn leaves(&self, category: CategoryId, product: ProductId) -> Change {
        Change::delete(&self.table, keys::member(category, product), Condition::Exists)
    }

    /// Holds that the category is there and is not being deleted.
    pub(crate) fn takes_products(&self, category: CategoryId) -> Change {
        Change::check(&self.table, keys::category(category), Condition::Exists.and(Condition::lacks("closing")))
    }
}

impl LoadMembers for Catalog {
    async fn load_members(
        &self,
        category: CategoryId,
        after: Option<ProductId>,
        limit: u16,
    ) -> Result<Vec<ProductId>, StoreError> {
        let after = after.map(|product| {
            let Key { pk, sk } = keys::member(category, product);
            HashMap::from([("pk".to_owned(), pk), ("sk".to_owned(), sk)])
        });
        let query = Query::partition(keys::members(category)).consistent().limit(limit).after(after);
        let page = self.table.query::<Member>(query).await?;
        Ok(page.rows.into_iter().map(|row| row.body.product_id).collect())
    }
}

impl ReadProduct for Catalog {
    async fn read_product(&self, id: ProductId) -> Result<Option<Row<Product>>, StoreError> {
        self.table.get(keys::product(id)).await
    }
}

impl MoveProduct for Catalog {
    async fn move_product(
        &self,
        before: &Row<Product>,
        after: &Product,
        event: &Envelope<ProductChanged>,
    ) -> Result<(), WriteError<()>> {
        let table = &self.table;
        let update = Change::update(table, keys::product(after.id))
            .when(Condition::equals("version", before.version))
            .set("category_id", after.category_id)
            .set("updated_at", after.updated_at);
        WriteSet::new()
            .with(update, ())
            .with(Change::check(table, keys::pending(after.id), Condition::Absent), ())
            .with(self.leaves(before.body.category_id, after.id), ())
            .with(self.joins(after.category_id, after.id), ())
            .with(self.takes_products(after.category_id), ())
            .with(Change::announce(table, event), ())
            .commit()
            .await
    }
}
