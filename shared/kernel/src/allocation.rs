//! Splitting money without losing a cent.

use crate::{Money, MoneyError};

impl Money {
    /// Splits the amount in proportion to `weights` so that the shares add up to it exactly.
    ///
    /// Units left over by rounding go to the largest remainders, the earlier first. Weights that are all zero
    /// share equally.
    pub fn share(self, weights: &[i64]) -> Result<Vec<Self>, MoneyError> {
        if weights.is_empty() || weights.iter().any(|weight| *weight < 0) {
            return Err(MoneyError::Weights);
        }
        let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        let weigh = |weight: &i64| if total == 0 { 1 } else { i128::from(*weight) };
        let total: i128 = weights.iter().map(weigh).sum();
        let products: Vec<i128> = weights.iter().map(|weight| i128::from(self.amount) * weigh(weight)).collect();

        let mut shares: Vec<i128> = products.iter().map(|product| product.div_euclid(total)).collect();
        let left = i128::from(self.amount) - shares.iter().sum::<i128>();
        let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
        by_remainder.sort_by_key(|&index| std::cmp::Reverse(products[index].rem_euclid(total)));
        // Each remainder is below one unit, so fewer units than weights are left.
        for &index in by_remainder.iter().take(usize::try_from(left).unwrap_or(0)) {
            shares[index] += 1;
        }
        shares.into_iter().map(|share| self.with(i64::try_from(share).ok())).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Currency;

    fn eur(amount: i64) -> Money {
        Money::new(amount, Currency::EUR)
    }

    #[test]
    fn leftover_cents_go_to_the_largest_remainders() {
        let shares = eur(100).share(&[1, 1, 1]).unwrap();
        assert_eq!(shares, [eur(34), eur(33), eur(33)]);
        let shares = eur(10).share(&[1, 5, 2]).unwrap();
        assert_eq!(shares, [eur(1), eur(6), eur(3)]);
    }

    #[test]
    fn weights_that_are_all_zero_share_equally() {
        assert_eq!(eur(3).share(&[0, 0]).unwrap(), [eur(2), eur(1)]);
    }

    #[test]
    fn shares_without_weights_or_below_zero_are_refused() {
        assert_eq!(eur(3).share(&[]), Err(MoneyError::Weights));
        assert_eq!(eur(3).share(&[2, -1]), Err(MoneyError::Weights));
    }

    proptest! {
        #[test]
        fn shares_add_up_exactly(amount: i64, weights in prop::collection::vec(0..=i64::MAX, 1..20)) {
            let shares = eur(amount).share(&weights).unwrap();
            prop_assert_eq!(shares.len(), weights.len());
            prop_assert_eq!(shares.iter().map(|share| i128::from(share.amount)).sum::<i128>(), i128::from(amount));
        }

        #[test]
        fn a_share_is_within_one_unit_of_its_proportion(
            amount in 0..1_000_000_000_i64,
            weights in prop::collection::vec(1..1_000_000_i64, 1..20),
        ) {
            let total: i64 = weights.iter().sum();
            for (share, weight) in eur(amount).share(&weights).unwrap().iter().zip(&weights) {
                let distance = i128::from(share.amount) * i128::from(total) - i128::from(amount) * i128::from(*weight);
                prop_assert!(distance.abs() < i128::from(total));
            }
        }
    }
}
