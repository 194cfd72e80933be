//! Price-and-stock rows: one for each SKU, read by carts and orders, changed by movements only.

use std::collections::BTreeMap;

use dynamo::{BatchGet, Change, Condition, Entity, Key, Personal, Row, StoreError, Table, WriteSet};
use kernel::{Money, OrderId, Quantity, Sku, Timestamp};

use crate::domain::{Hold, Movement, Offer};
use crate::store::{Catalog, keys};

impl Entity for Offer {
    const TYPE: &'static str = "stock";
    const PERSONAL: Personal = Personal::None;
}

impl Entity for Hold {
    const TYPE: &'static str = "hold";
    const PERSONAL: Personal = Personal::None;
}

/// A line of an order that wants its stock, at the price that the shopper agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    pub sku: Sku,
    pub quantity: Quantity,
    pub unit_price: Money,
}

/// Why the stock of an order was not reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotReserved {
    /// What is not there in that quantity, not for sale, or has another price by now; none when the order holds its stock already.
    pub sku: Option<Sku>,
}

impl Catalog {
    /// Where the offer of `sku` is, for reading it together with other rows.
    #[must_use]
    pub fn offer_key(&self, sku: &Sku) -> (&Table, Key) {
        (&self.table, keys::stock(sku))
    }

    /// The offer of `sku`, if the batch found it.
    ///
    /// # Errors
    /// [`StoreError::Undecodable`].
    pub fn take_offer(&self, batch: &mut BatchGet, sku: &Sku) -> Result<Option<Offer>, StoreError> {
        Ok(batch.take::<Offer>(&self.table, &keys::stock(sku))?.map(|row| row.body))
    }

    /// Reserves the stock of all `lines` for `order`: one change for each SKU, and the hold that lists them.
    pub fn reserve(&self, order: OrderId, lines: &[Reservation], expires_at: Timestamp) -> WriteSet<NotReserved> {
        let mut by_sku: BTreeMap<&Sku, Vec<&Reservation>> = BTreeMap::new();
        for line in lines {
            by_sku.entry(&line.sku).or_default().push(line);
        }
        let mut set = WriteSet::new();
        let mut held = BTreeMap::new();
        for (sku, lines) in by_sku {
            let units = lines.iter().map(|line| line.quantity.get()).sum();
            let change = self.move_stock(sku, Movement::Reserve(units)).when(Condition::equals("for_sale", true));
            let change = lines.iter().fold(change, |change, line| change.when(costs(line.unit_price)));
            set.push(change, NotReserved { sku: Some(sku.clone()) });
            held.insert(sku.clone(), units);
        }
        let hold = Hold { order_id: order, lines: held, expires_at };
        set.push(Change::create(&self.table, &Row::new(keys::hold(order), hold)), NotReserved { sku: None });
        set
    }

    /// `movement` as an update that is refused when there is not enough for it.
    pub(crate) fn move_stock(&self, sku: &Sku, movement: Movement) -> Change {
        let change = Change::update(&self.table, keys::stock(sku));
        // What happened to a SKU once keeps its row for good.
        let change = match movement {
            Movement::Reserve(_) => change.set("ordered", true),
            Movement::Adjust(_) => change.set("counted", true),
            Movement::Commit(_) | Movement::Release(_) => change,
        };
        movement.steps().into_iter().fold(change, |change, (bin, units)| {
            let change = change.add(bin.as_str(), units);
            if units < 0 { change.when(Condition::at_least(bin.as_str(), -units)) } else { change }
        })
    }
}

fn costs(price: Money) -> Condition {
    Condition::equals(["price", "amount"], price.amount).and(Condition::equals(["price", "currency"], price.currency))
}
