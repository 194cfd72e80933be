use dynamo::{BatchGet, Change, Condition, Entity, Key, Personal, Row, StoreError, Table, WriteError, WriteSet};
use kernel::{CartId, OrderId, Timestamp};

use crate::domain::{Cart, CartOwner, CartStatus};
use crate::handlers::create_cart::InsertCart;
use crate::handlers::get_cart::LoadCart;
use crate::store::keys;

/// The carts' table.
#[derive(Debug, Clone)]
pub struct Carts {
    pub(crate) table: Table,
}

impl Entity for Cart {
    const TYPE: &'static str = "cart";
    // It tells what somebody wanted, and the user id tells who.
    const PERSONAL: Personal = Personal::Erase;
}

/// The cart is not open any more, or is not what it was when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CartNotClosed;

impl Carts {
    /// The table that `CART_TABLE` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self { table: Table::from_env("CART_TABLE").await? })
    }

    /// The table itself, for what this service tells others.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Where the cart is, for reading it along with rows of other tables.
    #[must_use]
    pub fn cart_key(&self, id: CartId) -> (&Table, Key) {
        (&self.table, keys::cart(id))
    }

    /// The cart out of a batch that asked for [`Carts::cart_key`]. It may have expired: ask [`Cart::is_expired`].
    ///
    /// # Errors
    /// [`StoreError::Undecodable`].
    pub fn take_cart(&self, batch: &mut BatchGet, id: CartId) -> Result<Option<Cart>, StoreError> {
        Ok(batch.take(&self.table, &keys::cart(id))?.map(from_row))
    }

    /// Turns the cart, exactly as it was read, into `order`: for the transaction that places the order.
    pub fn close(&self, cart: &Cart, order: OrderId, now: Timestamp) -> WriteSet<CartNotClosed> {
        let change = self
            .touch(cart, now)
            .when(Condition::equals("version", cart.version))
            .set("status", CartStatus::Ordered)
            .set("order_id", order);
        WriteSet::new().with(change, CartNotClosed)
    }

    /// The start of every change: the cart must be open and not expired, and is kept for its whole time again.
    pub(crate) fn touch(&self, cart: &Cart, now: Timestamp) -> Change {
        let expires_at = now.plus_seconds(cart.owner.keeps_for_seconds());
        Change::update(&self.table, keys::cart(cart.id))
            .when(Condition::equals("status", CartStatus::Open))
            .when(Condition::at_least("expires_at", now))
            .set("expires_at", expires_at)
            .set("ttl", expires_at.epoch_seconds())
    }
}

impl InsertCart for Carts {
    async fn insert_cart(&self, cart: &Cart) -> Result<(), WriteError<()>> {
        WriteSet::new().with(Change::create(&self.table, &first_row(cart)), ()).commit().await
    }
}

impl LoadCart for Carts {
    async fn load_cart(&self, id: CartId) -> Result<Option<Cart>, StoreError> {
        Ok(self.table.get(keys::cart(id)).await?.map(from_row))
    }
}

/// A shopper's cart is found by the shopper too.
fn first_row(cart: &Cart) -> Row<Cart> {
    let row = Row::new(keys::cart(cart.id), cart.clone()).expiring(cart.expires_at.epoch_seconds());
    match &cart.owner {
        CartOwner::User { user_id } => row.about(user_id),
        CartOwner::Guest { .. } => row,
    }
}

pub(crate) fn from_row(row: Row<Cart>) -> Cart {
    Cart { version: row.version, ..row.body }
}

#[cfg(test)]
mod tests {
    use kernel::Currency;
    use testkit::now;

    use super::*;

    #[test]
    fn only_a_shoppers_cart_is_found_by_shopper() {
        let cart = |owner| Cart::new(CartId::new(kernel::ulid_at(now(), 1)), owner, Currency::EUR, now());
        let user_id: kernel::UserId = "8f14e45f-ceea-4e7a-9c1b-0d3f5a6b7c8d".parse().unwrap();
        let index = first_row(&cart(CartOwner::User { user_id: user_id.clone() })).index.unwrap();
        assert_eq!(index.gsi1pk, format!("PERSON#{user_id}"));
        assert_eq!(first_row(&cart(CartOwner::Guest { token_version: 1 })).index, None);
    }
}
