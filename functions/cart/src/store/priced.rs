use std::collections::BTreeMap;

use catalog::interface::{Catalog, Offer};
use dynamo::{StoreError, WriteError, batch_get};
use kernel::{CartId, Sku, Timestamp};

use crate::domain::{Cart, LineChange};
use crate::handlers::change::{ChangeLine, LoadForChange};
use crate::handlers::get_cart::{LoadCart, LoadOffers};
use crate::store::Carts;

/// The carts' table, and the catalogue's for what is offered.
#[derive(Debug, Clone)]
pub struct PricedCarts {
    carts: Carts,
    catalog: Catalog,
}

impl PricedCarts {
    /// The tables that `CART_TABLE` and `CATALOG_TABLE` name.
    ///
    /// # Errors
    /// When a setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self { carts: Carts::from_env().await?, catalog: Catalog::from_env().await? })
    }
}

impl LoadCart for PricedCarts {
    async fn load_cart(&self, id: CartId) -> Result<Option<Cart>, StoreError> {
        self.carts.load_cart(id).await
    }
}

impl LoadOffers for PricedCarts {
    async fn load_offers(&self, skus: &[&Sku]) -> Result<BTreeMap<Sku, Offer>, StoreError> {
        let mut batch = batch_get(skus.iter().map(|sku| self.catalog.offer_key(sku))).await?;
        let mut offers = BTreeMap::new();
        for sku in skus {
            if let Some(offer) = self.catalog.take_offer(&mut batch, sku)? {
                offers.insert((*sku).clone(), offer);
            }
        }
        Ok(offers)
    }
}

impl LoadForChange for PricedCarts {
    async fn load_for_change(&self, id: CartId, sku: &Sku) -> Result<(Option<Cart>, Option<Offer>), StoreError> {
        let mut batch = batch_get([self.carts.cart_key(id), self.catalog.offer_key(sku)]).await?;
        Ok((self.carts.take_cart(&mut batch, id)?, self.catalog.take_offer(&mut batch, sku)?))
    }
}

impl ChangeLine for PricedCarts {
    async fn change_line(
        &self,
        cart: &Cart,
        sku: &Sku,
        change: LineChange,
        now: Timestamp,
    ) -> Result<Cart, WriteError<()>> {
        self.carts.change_line(cart, sku, change, now).await
    }
}
