//! Stock in the words of a warehouse: `on_hand = available + reserved + committed`.

/// How much of one SKU there is, and what has been promised of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    /// What lies in the warehouse.
    pub on_hand: i64,
    /// What can still be sold.
    pub available: i64,
    /// Held for orders that are not paid yet.
    pub reserved: i64,
    /// Sold and waiting to be shipped.
    pub committed: i64,
}

/// One of the numbers of a [`Stock`], by the name it is stored under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bin {
    OnHand,
    Available,
    Reserved,
    Committed,
}

impl Bin {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnHand => "on_hand",
            Self::Available => "available",
            Self::Reserved => "reserved",
            Self::Committed => "committed",
        }
    }
}

/// What may happen to a stock. The table is changed by these same [`Movement::steps`], so that what is proved of them here holds there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// Goods came, went, or were counted.
    Adjust(i64),
    /// An order was placed.
    Reserve(u32),
    /// An order was paid.
    Commit(u32),
    /// An order was cancelled before it was paid.
    Release(u32),
}

impl Movement {
    /// What to add to which number. None of them may fall below zero by it.
    #[must_use]
    pub fn steps(self) -> [(Bin, i64); 2] {
        match self {
            Self::Adjust(units) => [(Bin::OnHand, units), (Bin::Available, units)],
            Self::Reserve(units) => [(Bin::Available, -i64::from(units)), (Bin::Reserved, i64::from(units))],
            Self::Commit(units) => [(Bin::Reserved, -i64::from(units)), (Bin::Committed, i64::from(units))],
            Self::Release(units) => [(Bin::Reserved, -i64::from(units)), (Bin::Available, i64::from(units))],
        }
    }
}

impl Stock {
    /// A SKU that nobody has delivered yet.
    pub const NONE: Self = Self { on_hand: 0, available: 0, reserved: 0, committed: 0 };

    /// The stock after `movement`; none if there is not enough for it.
    #[must_use]
    pub fn after(mut self, movement: Movement) -> Option<Self> {
        for (bin, units) in movement.steps() {
            let number = self.number(bin);
            *number = number.checked_add(units).filter(|number| *number >= 0)?;
        }
        Some(self)
    }

    fn number(&mut self, bin: Bin) -> &mut i64 {
        match bin {
            Bin::OnHand => &mut self.on_hand,
            Bin::Available => &mut self.available,
            Bin::Reserved => &mut self.reserved,
            Bin::Committed => &mut self.committed,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Finding;

    #[test]
    fn a_bin_is_stored_under_the_name_that_the_row_has() {
        let names = [Bin::OnHand, Bin::Available, Bin::Reserved, Bin::Committed].map(Bin::as_str);
        assert_eq!(names, ["on_hand", "available", "reserved", "committed"]);
    }

    /// What happens in a shop. Orders are named by their number, of those that were placed.
    #[derive(Debug, Clone)]
    enum Event {
        Receipt(i64),
        WriteOff(i64),
        Count(i64),
        Order(u32),
        Payment(usize),
        Cancellation(usize),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            (1_i64..300).prop_map(Event::Receipt),
            (1_i64..300).prop_map(Event::WriteOff),
            (0_i64..400).prop_map(Event::Count),
            (1_u32..120).prop_map(Event::Order),
            (0_usize..20).prop_map(Event::Payment),
            (0_usize..20).prop_map(Event::Cancellation),
        ]
    }

    /// A stock with its ledger, the orders that wait for payment, and the units of those that were paid.
    struct Shop {
        stock: Stock,
        ledger: Vec<i64>,
        unpaid: Vec<u32>,
        paid: i64,
    }

    impl Shop {
        /// Moves the stock, if there is enough; a refusal leaves everything as it is.
        fn moves(&mut self, movement: Movement) -> bool {
            let after = self.stock.after(movement);
            self.stock = after.unwrap_or(self.stock);
            after.is_some()
        }

        fn adjusts(&mut self, finding: Finding) -> bool {
            let delta = finding.delta(self.stock);
            let is_done = self.moves(Movement::Adjust(delta));
            if is_done {
                self.ledger.push(delta);
            }
            is_done
        }

        fn lives(&mut self, event: Event) {
            match event {
                Event::Receipt(units) => assert!(self.adjusts(Finding::Moved(units)), "goods can always come"),
                Event::WriteOff(units) => {
                    let there_are = self.stock.available >= units;
                    assert_eq!(self.adjusts(Finding::Moved(-units)), there_are);
                }
                Event::Count(units) => {
                    let promised = self.stock.reserved + self.stock.committed;
                    assert_eq!(self.adjusts(Finding::Counted(units)), units >= promised);
                    assert!(units < promised || self.stock.on_hand == units, "what was counted is on hand");
                }
                Event::Order(units) => {
                    if self.moves(Movement::Reserve(units)) {
                        self.unpaid.push(units);
                    }
                }
                Event::Payment(order) if order < self.unpaid.len() => {
                    let units = self.unpaid.swap_remove(order);
                    assert!(self.moves(Movement::Commit(units)), "what is held can be sold");
                    self.paid += i64::from(units);
                }
                Event::Cancellation(order) if order < self.unpaid.len() => {
                    let units = self.unpaid.swap_remove(order);
                    assert!(self.moves(Movement::Release(units)), "what is held can be given back");
                }
                Event::Payment(_) | Event::Cancellation(_) => {}
            }
        }
    }

    proptest! {
        #[test]
        fn on_hand_is_the_sum_of_its_parts_and_of_the_ledger_after_any_history(
            history in prop::collection::vec(event(), 0..80),
        ) {
            let mut shop = Shop { stock: Stock::NONE, ledger: Vec::new(), unpaid: Vec::new(), paid: 0 };
            for event in history {
                shop.lives(event);
                let Stock { on_hand, available, reserved, committed } = shop.stock;
                prop_assert_eq!(on_hand, available + reserved + committed);
                prop_assert_eq!(on_hand, shop.ledger.iter().sum::<i64>());
                prop_assert_eq!(reserved, shop.unpaid.iter().copied().map(i64::from).sum::<i64>());
                prop_assert_eq!(committed, shop.paid);
                prop_assert!(available >= 0 && reserved >= 0 && committed >= 0);
            }
        }

        #[test]
        fn releasing_what_was_reserved_changes_nothing(opening in 0_i64..500, units in 1_u32..500) {
            let before = Stock::NONE.after(Movement::Adjust(opening)).expect("a delivery always fits");
            let reserved = before.after(Movement::Reserve(units));
            prop_assert_eq!(reserved.is_some(), i64::from(units) <= opening);
            if let Some(reserved) = reserved {
                prop_assert_eq!(reserved.after(Movement::Release(units)), Some(before));
            }
        }
    }

    #[test]
    fn what_is_promised_cannot_be_written_off() {
        let stock = Stock { on_hand: 10, available: 3, reserved: 5, committed: 2 };
        assert_eq!(stock.after(Movement::Adjust(-4)), None);
        assert_eq!(stock.after(Movement::Adjust(-3)).map(|stock| stock.on_hand), Some(7));
    }

    #[test]
    fn a_count_beyond_all_numbers_is_refused() {
        let stock = Stock { on_hand: i64::MAX, available: i64::MAX, reserved: 0, committed: 0 };
        assert_eq!(stock.after(Movement::Adjust(1)), None);
    }
}
