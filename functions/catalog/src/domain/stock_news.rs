//! What follows from a change of a variant's row.

use events::StockLow;

use crate::domain::Offer;

/// What others have to hear of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StockNews {
    /// Lists say whether a product is in stock.
    pub relist: bool,
    /// Whoever waits for it can buy it now.
    pub back: bool,
    pub low: Option<StockLow>,
}

impl StockNews {
    #[must_use]
    pub fn between(before: &Offer, after: &Offer) -> Self {
        Self {
            relist: (before.available > 0) != (after.available > 0),
            back: !before.can_be_bought() && after.can_be_bought(),
            low: (!before.is_low() && after.is_low()).then(|| after.runs_low()),
        }
    }

    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Offer {
    /// Whether a shopper can order it now.
    #[must_use]
    pub fn can_be_bought(&self) -> bool {
        self.for_sale && self.available > 0
    }

    /// Whether fewer units are left than staff want there to be. What is no variant any more is not bought anew.
    fn is_low(&self) -> bool {
        !self.retired && self.available < i64::from(self.low_at)
    }

    fn runs_low(&self) -> StockLow {
        StockLow {
            sku: self.sku.clone(),
            product_id: self.product_id,
            title: self.title.clone(),
            variant_title: self.variant_title.clone(),
            available: self.available,
            low_at: self.low_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures;

    fn tea(available: i64) -> Offer {
        Offer { available, on_hand: available, low_at: 5, ..fixtures::tea().1.remove(0) }
    }

    fn from(before: i64, after: i64) -> StockNews {
        StockNews::between(&tea(before), &tea(after))
    }

    #[test]
    fn the_last_unit_and_the_first_again_change_what_lists_say() {
        for (before, after, expected) in [(1, 0, true), (0, 1, true), (0, 9, true), (9, 1, false), (0, 0, false)] {
            assert_eq!(from(before, after).relist, expected, "{before} to {after}");
        }
    }

    #[test]
    fn a_low_stock_is_announced_when_it_becomes_low_and_not_again_while_it_is() {
        for (before, after, expected) in [(5, 4, true), (9, 0, true), (6, 5, false), (4, 3, false), (0, 4, false)] {
            assert_eq!(from(before, after).low.is_some(), expected, "{before} to {after}");
        }
        let low = from(6, 2).low.unwrap();
        assert_eq!((low.sku.as_str(), low.available, low.low_at), ("TEA-100", 2, 5));
    }

    #[test]
    fn a_higher_threshold_makes_a_stock_low_and_a_threshold_of_zero_never_does() {
        let with = |low_at| Offer { low_at, ..tea(7) };
        assert!(StockNews::between(&with(5), &with(8)).low.is_some());
        assert!(StockNews::between(&with(8), &with(5)).is_nothing());
        let never = |available| Offer { low_at: 0, ..tea(available) };
        assert_eq!(StockNews::between(&never(1), &never(0)).low, None);
    }

    #[test]
    fn what_is_no_variant_any_more_runs_low_for_nobody() {
        let retired = |available| Offer { retired: true, for_sale: false, ..tea(available) };
        assert_eq!(StockNews::between(&retired(9), &retired(0)).low, None);
    }

    #[test]
    fn it_is_back_once_it_can_be_bought_whatever_was_in_the_way() {
        let draft = |available| Offer { for_sale: false, ..tea(available) };
        assert!(from(0, 3).back && !from(3, 9).back && !from(3, 0).back);
        assert!(!StockNews::between(&draft(0), &draft(3)).back, "nobody can buy a draft");
        assert!(StockNews::between(&draft(3), &tea(3)).back);
    }

    proptest! {
        /// However the stock goes up and down, staff are told once for each time that it became low.
        #[test]
        fn it_is_told_low_once_for_each_crossing(stocks in prop::collection::vec(0_i64..12, 1..60)) {
            let (mut told, mut crossings, mut was_low) = (0, 0, stocks[0] < 5);
            for pair in stocks.windows(2) {
                told += u32::from(from(pair[0], pair[1]).low.is_some());
                crossings += u32::from(!was_low && pair[1] < 5);
                was_low = pair[1] < 5;
            }
            prop_assert_eq!(told, crossings);
        }
    }
}
