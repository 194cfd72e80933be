//! What the histories buy: a few goods of which there is not enough for everybody.

use std::collections::BTreeMap;
use std::sync::Mutex;

use e2e::buyer::Buyer;
use e2e::chance::Chance;
use e2e::goods::{Goods, goods};
use e2e::operator::Table;
use serde_json::Value;

/// So many units of each were delivered.
const DELIVERED: [i64; 6] = [25, 25, 25, 25, 60, 400];

pub(super) struct Shelf {
    goods: Vec<Goods>,
    /// What a choice costs delivered, quoted once.
    totals: Mutex<BTreeMap<Vec<(usize, i64)>, Value>>,
}

impl Shelf {
    pub(super) fn filled() -> Self {
        let goods = (1..).zip(DELIVERED).map(|(n, units)| goods(500 + 37 * n, units)).collect();
        Self { goods, totals: Mutex::default() }
    }

    pub(super) fn sku(&self, place: usize) -> &str {
        &self.goods[place].sku
    }

    /// One or two goods, one to three of each.
    pub(super) fn choose(&self, chance: &mut Chance) -> Vec<(usize, i64)> {
        let places: Vec<usize> = (0..self.goods.len()).collect();
        let mut chosen = BTreeMap::new();
        for _ in 0..=chance.below(2) {
            let quantity = 1 + i64::try_from(chance.below(3)).unwrap();
            chosen.insert(*chance.one_of(&places).unwrap(), quantity);
        }
        chosen.into_iter().collect()
    }

    /// What `units`, which are in the buyer's cart, cost.
    pub(super) fn total(&self, buyer: &Buyer, units: &[(usize, i64)]) -> Value {
        let known = self.totals.lock().unwrap().get(units).cloned();
        known.unwrap_or_else(|| {
            let total = buyer.quote().expect(200)["total"].clone();
            self.totals.lock().unwrap().insert(units.to_vec(), total.clone());
            total
        })
    }

    /// Whether every unit is where it belongs: sold with the confirmed orders, or back on the shelf.
    pub(super) fn check(&self, sold: &BTreeMap<usize, i64>) -> Result<(), String> {
        let catalog = Table::of("catalog");
        for (place, delivered) in DELIVERED.iter().enumerate() {
            let sku = self.sku(place);
            let stock =
                catalog.get(&format!("STOCK#{sku}#0"), "STOCK").ok_or_else(|| format!("{sku} has no stock row"))?;
            let sold = sold.get(&place).copied().unwrap_or(0);
            let found =
                ["on_hand", "available", "reserved", "committed"].map(|bin| stock[bin].as_i64().unwrap_or(i64::MIN));
            let expected = [*delivered, delivered - sold, 0, sold];
            if found != expected {
                return Err(format!("{sku}: on hand, available, reserved, committed are {found:?}, not {expected:?}"));
            }
        }
        Ok(())
    }
}
