//! What a variant cost lately, for the price that a reduction has to name: the lowest of the thirty days before it (Directive 98/6/EC,
//! article 6a).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::ShopDay;

/// Days before a reduction whose prices count, besides the part of the day on which it begins.
const DAYS_BEFORE: u16 = 30;

/// The lowest price of each day on which it changed, for as long as a reduction may look back; at most 31 days.
///
/// A day's lowest price includes the one that it began with, so that days without a change need no entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceHistory {
    #[serde(default)]
    days: BTreeMap<ShopDay, i64>,
    /// While the price is a reduction: the lowest of the thirty days before it began. It stays when the price is reduced further.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lowest_before: Option<i64>,
}

/// What shoppers are asked for a variant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// None while it is not for sale.
    pub price: Option<i64>,
    /// Whether a higher price is shown beside it.
    pub is_reduced: bool,
}

impl PriceHistory {
    /// Whether nothing is known of earlier prices.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty() && self.lowest_before.is_none()
    }

    /// While the price is a reduction: the lowest price of the thirty days before; none if it was not for sale then.
    #[must_use]
    pub fn lowest_before_reduction(&self) -> Option<i64> {
        self.lowest_before
    }

    /// The lowest price of the days that are remembered.
    #[must_use]
    pub fn lowest(&self) -> Option<i64> {
        self.days.values().copied().min()
    }

    /// The history after what is asked changed from `before` to `after` on the day `today`.
    #[must_use]
    pub fn after_change(mut self, before: Asked, after: Asked, today: ShopDay) -> Self {
        if before == after {
            return self;
        }
        self.days = self.days.split_off(&today.days_before(DAYS_BEFORE));
        if !after.is_reduced {
            self.lowest_before = None;
        } else if !before.is_reduced {
            self.lowest_before = self.days.values().copied().chain(before.price).min();
        }
        let known = self.days.get(&today).copied();
        if let Some(lowest) = known.into_iter().chain(before.price).chain(after.price).min() {
            self.days.insert(today, lowest);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::ShopZone;

    const NOT_FOR_SALE: Asked = Asked { price: None, is_reduced: false };

    fn asked(price: i64) -> Asked {
        Asked { price: Some(price), is_reduced: false }
    }

    fn reduced(price: i64) -> Asked {
        Asked { price: Some(price), is_reduced: true }
    }

    fn zone() -> ShopZone {
        "Europe/Berlin".parse().unwrap()
    }

    fn noon(day: i64) -> ShopDay {
        zone().moment(Timestamp::from_epoch_seconds(1_795_410_000 + day * 86_400)).day
    }

    /// The history of a variant whose price became what is listed, each on its day.
    fn history(changes: &[(i64, Asked)]) -> PriceHistory {
        let mut before = NOT_FOR_SALE;
        changes.iter().fold(PriceHistory::default(), |history, (day, after)| {
            history.after_change(std::mem::replace(&mut before, *after), *after, noon(*day))
        })
    }

    fn lowest(changes: &[(i64, Asked)]) -> Option<i64> {
        history(changes).lowest_before_reduction()
    }

    #[test]
    fn a_price_that_never_changed_is_the_lowest_before_its_reduction() {
        assert_eq!(lowest(&[(0, asked(100)), (90, reduced(80))]), Some(100));
    }

    #[test]
    fn a_price_raised_for_the_sake_of_its_reduction_does_not_hide_the_lower_one() {
        assert_eq!(lowest(&[(0, asked(80)), (50, asked(120)), (60, reduced(90))]), Some(80));
        assert_eq!(lowest(&[(0, asked(80)), (50, asked(120)), (51, reduced(90))]), Some(80));
    }

    #[test]
    fn a_price_of_thirty_days_ago_counts_and_an_older_one_does_not() {
        assert_eq!(lowest(&[(0, asked(80)), (10, asked(120)), (40, reduced(90))]), Some(80));
        assert_eq!(lowest(&[(0, asked(80)), (10, asked(120)), (41, reduced(90))]), Some(120));
    }

    #[test]
    fn a_further_reduction_is_still_compared_with_the_price_before_the_first() {
        assert_eq!(lowest(&[(0, asked(100)), (10, reduced(80)), (20, reduced(60)), (70, reduced(50))]), Some(100));
    }

    #[test]
    fn a_new_reduction_sees_the_prices_of_the_one_before() {
        assert_eq!(lowest(&[(0, asked(100)), (10, reduced(60)), (20, asked(100)), (25, reduced(90))]), Some(60));
    }

    #[test]
    fn without_a_reduction_nothing_is_shown() {
        assert_eq!(lowest(&[(0, asked(100)), (10, reduced(60)), (20, asked(60))]), None);
    }

    #[test]
    fn the_prices_of_a_draft_were_asked_of_nobody() {
        assert_eq!(lowest(&[(5, reduced(80))]), None);
        let paused = [(0, asked(100)), (10, NOT_FOR_SALE), (50, reduced(80))];
        assert_eq!(lowest(&paused), None);
        assert_eq!(lowest(&[(0, asked(100)), (10, NOT_FOR_SALE), (30, reduced(80))]), Some(100));
    }

    #[test]
    fn a_row_from_before_there_were_histories_begins_with_the_price_it_has() {
        let history = PriceHistory::default().after_change(asked(100), reduced(80), noon(0));
        assert_eq!(history.lowest_before_reduction(), Some(100));
    }

    #[test]
    fn what_changed_to_itself_did_not_change() {
        assert!(PriceHistory::default().after_change(asked(100), asked(100), noon(0)).is_empty());
    }

    /// All that was ever asked, each from its instant on: the plain way to the same figure.
    struct Model(Vec<(Timestamp, Asked)>);

    impl Model {
        fn lowest_before_reduction(&self) -> Option<i64> {
            let changes = &self.0;
            let is_reduced = |at: usize| changes[at].1.is_reduced;
            let began = (0..changes.len()).rev().take_while(|at| is_reduced(*at)).last()?;
            let (began_at, _) = changes[began];
            let first_day = zone().moment(began_at).day.days_before(30);
            let reaches = |at: usize| zone().moment(changes[at + 1].0).day >= first_day;
            (0..began).filter(|at| reaches(*at)).filter_map(|at| changes[at].1.price).min()
        }
    }

    fn any_asked() -> impl Strategy<Value = Asked> {
        prop_oneof![
            1 => Just(NOT_FOR_SALE),
            4 => (1_i64..9).prop_map(asked),
            4 => (1_i64..9).prop_map(reduced),
        ]
    }

    proptest! {
        #[test]
        fn the_lowest_price_is_what_the_whole_history_says(
            changes in prop::collection::vec((0_i64..20 * 86_400, any_asked()), 1..60),
        ) {
            let mut at = Timestamp::from_epoch_seconds(1_795_410_000);
            let mut before = NOT_FOR_SALE;
            let (mut history, mut model) = (PriceHistory::default(), Model(Vec::new()));
            for (gap, after) in changes {
                at = at.plus_seconds(gap);
                history = history.after_change(before, after, zone().moment(at).day);
                if after != before {
                    model.0.push((at, after));
                }
                before = after;
                prop_assert_eq!(history.lowest_before_reduction(), model.lowest_before_reduction());
                prop_assert!(history.days.len() <= 31);
            }
        }
    }
}
