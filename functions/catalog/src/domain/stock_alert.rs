//! Somebody who wants to hear when a SKU can be bought again.

use kernel::{Email, Locale, ProductId, Sku, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// SKUs that one address, or one account, may wait for.
pub const MAX_ALERTS: u8 = 20;
/// A year; whoever still waits asks again.
const KEEP_SECONDS: i64 = 365 * 24 * 60 * 60;

/// One wish to hear of one SKU, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockAlert {
    pub sku: Sku,
    pub product_id: ProductId,
    pub to: Addressee,
    /// Which of the places of whoever waits it has.
    pub slot: u8,
    pub expires_at: Timestamp,
}

/// Who wants to hear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Addressee {
    /// By the address and in the language of their account at that time.
    User {
        user_id: UserId,
    },
    Guest {
        email: Email,
        locale: Locale,
    },
}

/// One of the places that somebody has for SKUs to wait for: so many, and each SKU once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertSlot {
    pub sku: Sku,
    pub slot: u8,
    pub since: Timestamp,
    pub expires_at: Timestamp,
}

/// What somebody waits for already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// For this SKU, too.
    Waits,
    Free(u8),
    /// For as many as it may.
    Full,
}

/// The place that somebody with `slots` has for `sku` at `now`.
#[must_use]
pub fn room_for(sku: &Sku, slots: &[AlertSlot], now: Timestamp) -> Room {
    let live = || slots.iter().filter(|slot| slot.expires_at > now);
    if live().any(|slot| slot.sku == *sku) {
        return Room::Waits;
    }
    let free = (0..MAX_ALERTS).find(|number| live().all(|slot| slot.slot != *number));
    free.map_or(Room::Full, Room::Free)
}

impl Addressee {
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        match self {
            Self::User { user_id } => Some(user_id),
            Self::Guest { .. } => None,
        }
    }
}

impl StockAlert {
    /// The alert that `to` asks for at `now`, in a place that is free.
    #[must_use]
    pub fn new(sku: Sku, product_id: ProductId, to: Addressee, slot: u8, now: Timestamp) -> Self {
        Self { sku, product_id, to, slot, expires_at: now.plus_seconds(KEEP_SECONDS) }
    }

    /// What is noted with whoever waits.
    #[must_use]
    pub fn slot(&self, now: Timestamp) -> AlertSlot {
        AlertSlot { sku: self.sku.clone(), slot: self.slot, since: now, expires_at: self.expires_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::now;

    fn sku(number: u8) -> Sku {
        Sku::parse(&format!("TEA-{number}")).unwrap()
    }

    fn slot(number: u8) -> AlertSlot {
        AlertSlot { sku: sku(number), slot: number, since: now(), expires_at: now().plus_seconds(60) }
    }

    #[test]
    fn an_address_waits_for_each_sku_once_and_for_twenty_at_most() {
        assert_eq!(room_for(&sku(0), &[], now()), Room::Free(0));
        assert_eq!(room_for(&sku(2), &[slot(0), slot(2)], now()), Room::Waits);
        assert_eq!(room_for(&sku(9), &[slot(0), slot(2)], now()), Room::Free(1));
        let all: Vec<AlertSlot> = (0..MAX_ALERTS).map(slot).collect();
        assert_eq!(room_for(&sku(99), &all, now()), Room::Full);
        assert_eq!(room_for(&sku(7), &all, now()), Room::Waits);
    }

    #[test]
    fn what_has_expired_takes_no_place() {
        let later = now().plus_seconds(60);
        assert_eq!(room_for(&sku(0), &[slot(0)], later), Room::Free(0));
    }
}
