use std::collections::BTreeMap;

use cart::interface::{Cart, Carts};
use catalog::interface::{Catalog, Offer};
use dynamo::{StoreError, batch_get};
use kernel::{Address, AddressId, CartId, Currency, Sku, UserId};
use users::interface::Users;

use crate::domain::Settings;
use crate::handlers::quote::{LoadCart, LoadCheckout};
use crate::store::Orders;

/// What a cart's price depends on: four services' tables, each through its own interface.
#[derive(Debug, Clone)]
pub struct Checkout {
    pub(crate) orders: Orders,
    pub(crate) carts: Carts,
    pub(crate) catalog: Catalog,
    pub(crate) users: Users,
}

impl Checkout {
    /// The tables that `ORDERS_TABLE`, `CART_TABLE`, `CATALOG_TABLE` and `USERS_TABLE` name.
    ///
    /// # Errors
    /// When a setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self {
            orders: Orders::from_env().await?,
            carts: Carts::from_env().await?,
            catalog: Catalog::from_env().await?,
            users: Users::from_env().await?,
        })
    }
}

impl LoadCart for Checkout {
    async fn load_cart(
        &self,
        id: CartId,
        saved: Option<(&UserId, AddressId)>,
    ) -> Result<(Option<Cart>, Option<Address>), StoreError> {
        let saved_key = saved.map(|(owner, address)| self.users.address_key(owner, address));
        let mut batch = batch_get([self.carts.cart_key(id)].into_iter().chain(saved_key)).await?;
        let address = match saved {
            Some((owner, address)) => self.users.take_address(&mut batch, owner, address)?,
            None => None,
        };
        Ok((self.carts.take_cart(&mut batch, id)?, address))
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
