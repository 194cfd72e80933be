use std::collections::BTreeMap;

use api::Response;
use api::idempotency::Claim;
use cart::interface::Cart;
use catalog::interface::{Offer, Reservation};
use dynamo::{Change, Row, StoreError, WriteError, WriteSet, batch_get};
use kernel::{AddressId, CartId, Currency, Sku, UserId};
use tracing::info;

use crate::domain::{Order, OrderEvent, Settings};
use crate::handlers::place_order::{CommitOrder, Found, LoadPlacing};
use crate::handlers::quote::LoadCheckout;
use crate::handlers::transition::{Announcing, Saved};
use crate::store::rows::NumberRow;
use crate::store::{Checkout, Orders, keys};

/// What placing an order reads and writes. The one transaction over the tables of three services is here.
#[derive(Debug, Clone)]
pub struct Placement {
    checkout: Checkout,
}

/// What placing lost to. Reading again tells the shopper's answer; this is for the log.
#[derive(Debug, Clone)]
enum Lost {
    /// Ids are drawn at random, and this one was drawn before.
    Id,
    Number,
    /// The cart was changed or ordered.
    Cart,
    /// The price changed, or others bought what was left.
    Stock(#[expect(dead_code, reason = "read by the log")] Option<Sku>),
    /// The same request was answered.
    Repeated,
}

impl Placement {
    /// The tables that `ORDERS_TABLE`, `CART_TABLE`, `CATALOG_TABLE` and `USERS_TABLE` name.
    ///
    /// # Errors
    /// When a setting is missing.
    pub async fn from_env() -> Result<Self, aws::env::SettingError> {
        Ok(Self { checkout: Checkout::from_env().await? })
    }
}

impl LoadPlacing for Placement {
    async fn load_placing(
        &self,
        cart: CartId,
        user: Option<&UserId>,
        saved: Option<AddressId>,
        claim: &Claim,
    ) -> Result<Found, StoreError> {
        let Checkout { orders, carts, users, .. } = &self.checkout;
        let keys = [carts.cart_key(cart), (&orders.table, claim.key())];
        let profile = user.map(|user| users.profile_key(user));
        let saved = user.zip(saved);
        let saved_key = saved.map(|(user, address)| users.address_key(user, address));
        let mut batch = batch_get(keys.into_iter().chain(profile).chain(saved_key)).await?;
        Ok(Found {
            cart: carts.take_cart(&mut batch, cart)?,
            record: batch.take(&orders.table, &claim.key())?,
            profile: match user {
                Some(user) => users.take_profile(&mut batch, user)?,
                None => None,
            },
            address: match saved {
                Some((user, address)) => users.take_address(&mut batch, user, address)?,
                None => None,
            },
        })
    }
}

impl LoadCheckout for Placement {
    async fn load_checkout(
        &self,
        cart: &Cart,
        currency: Currency,
    ) -> Result<(BTreeMap<Sku, Offer>, Settings), StoreError> {
        self.checkout.load_checkout(cart, currency).await
    }
}

impl CommitOrder for Placement {
    async fn commit_order(
        &self,
        cart: &Cart,
        order: &Order,
        events: Vec<OrderEvent>,
        (claim, response): (&Claim, &Response),
        announcing: &Announcing,
    ) -> Result<Saved, StoreError> {
        let Checkout { orders, carts, catalog, .. } = &self.checkout;
        let table = &orders.table;
        let row = Orders::first_row(order, &events);
        let number = Row::new(keys::number(&order.number), NumberRow { order_id: order.id });
        let mut set = WriteSet::new()
            .with(Change::create(table, &row), Lost::Id)
            .with(Change::create(table, &number), Lost::Number)
            .with(claim.of_guest(&order.email).record(table, response, announcing.at), Lost::Repeated);
        set.extend(carts.close(cart, order.id, announcing.at).map(|_| Lost::Cart));
        let reserved = catalog.reserve(order.id, &reservations(order), order.expires_at);
        set.extend(reserved.map(|refused| Lost::Stock(refused.sku)));
        if let Some(due) = Orders::due_row(order) {
            set.push(Change::create(table, &due), Lost::Id);
        }
        for (event, sequence) in events.into_iter().zip(1..) {
            set.push(orders.announce(event, sequence, announcing), Lost::Id);
        }
        match set.commit().await {
            Ok(()) => Ok(Saved::Done),
            Err(WriteError::Refused(lost)) => {
                info!(cart_id = %cart.id, ?lost, "lost a race");
                Ok(Saved::Raced)
            }
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

fn reservations(order: &Order) -> Vec<Reservation> {
    let reserve = |line: &crate::domain::OrderLine| Reservation {
        sku: line.what.sku.clone(),
        quantity: line.what.quantity,
        unit_price: line.what.unit_price,
    };
    order.lines.iter().map(reserve).collect()
}
