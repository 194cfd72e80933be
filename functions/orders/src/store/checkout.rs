use std::collections::BTreeMap;

use cart::interface::{Cart, Carts};
use catalog::interface::{Catalog, Offer};
use dynamo::{StoreError, batch_get};
use kernel::{CartId, Currency, Sku};

use crate::domain::Settings;
use crate::handlers::quote::{LoadCart, LoadCheckout};
use crate::store::Orders;

/// What a cart's price depends on: three services' tables, each through its own interface.
#[derive(Debug, Clone)]
pub struct Checkout {
    pub(crate) orders: Orders,
    pub(crate) carts: Carts,
    pub(crate) catalog: Catalog,
}

impl Checkout {
    /// The tables that `ORDERS_TABLE`, `CART_TABLE` and `CATALOG_TABLE` name.
    ///
    /// # Errors
    /// When a setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self {
            orders: Orders::from_env().await?,
            carts: Carts::from_env().await?,
            catalog: Catalog::from_env().await?,
        })
    }
}

impl LoadCart for Checkout {
    async fn load_cart(&self, id: CartId) -> Result<Option<Cart>, StoreError> {
        let mut batch = batch_get([self.carts.cart_key(id)]).await?;
        self.carts.take_cart(&mut batch, id)
    }
}

impl LoadCheckout for Checkout {
    async fn load_checkout(
        &self,
        cart: &Cart,
        currency: Currency,
    ) -> Result<(BTreeMap<Sku, Offer>, Settings), StoreError> {
        let offers = cart.lines.keys().map(|sku| self.catalog.offer_key(sku));
        let mut batch = batch_get(self.orders.settings_keys().into_iter().chain(offers)).await?;
        let settings = self.orders.take_settings(&mut batch, currency)?;
        let mut offers = BTreeMap::new();
        for sku in cart.lines.keys() {
            if let Some(offer) = self.catalog.take_offer(&mut batch, sku)? {
                offers.insert(sku.clone(), offer);
            }
        }
        Ok((offers, settings))
    }
}
