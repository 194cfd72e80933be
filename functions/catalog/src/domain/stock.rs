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

    #[test]
    fn a_bin_is_stored_under_the_name_that_the_row_has() {
        let names = [Bin::OnHand, Bin::Available, Bin::Reserved, Bin::Committed].map(Bin::as_str);
        assert_eq!(names, ["on_hand", "available", "reserved", "committed"]);
    }

    fn movement() -> impl Strategy<Value = Movement> {
        prop_oneof![
            (-300_i64..300).prop_map(Movement::Adjust),
            (1_u32..120).prop_map(Movement::Reserve),
            (1_u32..120).prop_map(Movement::Commit),
            (1_u32..120).prop_map(Movement::Release),
        ]
    }

    proptest! {
        #[test]
        fn on_hand_stays_the_sum_of_its_parts(movements in prop::collection::vec(movement(), 0..60)) {
            let mut stock = Stock::NONE;
            let mut delivered = 0;
            for movement in movements {
                let Some(after) = stock.after(movement) else { continue };
                if let Movement::Adjust(units) = movement {
                    delivered += units;
                }
                stock = after;
                prop_assert_eq!(stock.on_hand, stock.available + stock.reserved + stock.committed);
                prop_assert!(stock.available >= 0 && stock.reserved >= 0 && stock.committed >= 0);
            }
            prop_assert_eq!(stock.on_hand, delivered);
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
