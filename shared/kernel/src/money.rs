//! Amounts of money in minor units, with arithmetic that refuses rather than wraps.

use std::cmp::Ordering;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Currency, Invalid};

/// The highest price that can be set, in minor units; fifty lines of a hundred such units still fit `i64`.
pub const MAX_AMOUNT: i64 = 99_999_999_999;

/// An amount in the minor unit of its currency: 1999 EUR are 19.99 euros, 1999 JPY are 1999 yen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Money { amount: 1999, currency: Currency::EUR })]
pub struct Money {
    /// Minor units, such as cents.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: Currency,
}

/// Why money could not be calculated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Two amounts of different currencies met.
    #[error("amounts in {0} and {1} cannot be combined")]
    CurrencyMismatch(Currency, Currency),
    /// The result is outside the range of `i64`.
    #[error("the amount is too large")]
    Overflow,
    /// Shares need at least one weight, none of them negative.
    #[error("shares need at least one weight and none below zero")]
    Weights,
}

impl Money {
    /// An amount in minor units.
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// True for zero.
    pub const fn is_zero(self) -> bool {
        self.amount == 0
    }

    /// True below zero.
    pub const fn is_negative(self) -> bool {
        self.amount < 0
    }

    /// The sum of two amounts of one currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.with(self.amount.checked_add(other.amount))
    }

    /// The difference of two amounts of one currency.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.with(self.amount.checked_sub(other.amount))
    }

    /// The amount for `quantity` units.
    pub fn checked_mul(self, quantity: u32) -> Result<Self, MoneyError> {
        self.with(self.amount.checked_mul(i64::from(quantity)))
    }

    /// The sum of `amounts`, all in `currency`; zero if there are none.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// Order of two amounts of one currency; amounts of two currencies have none.
    pub fn checked_cmp(self, other: Self) -> Result<Ordering, MoneyError> {
        self.same_currency(other)?;
        Ok(self.amount.cmp(&other.amount))
    }

    /// `bps` hundredths of a percent of the amount, rounded half to even.
    pub fn percent_bps(self, bps: u32) -> Result<Self, MoneyError> {
        self.ratio(i64::from(bps), 10_000)
    }

    /// The amount times `numerator / denominator`, rounded half to even.
    ///
    /// A denominator that is not above zero has no answer and counts as overflow.
    pub fn ratio(self, numerator: i64, denominator: i64) -> Result<Self, MoneyError> {
        if denominator <= 0 {
            return Err(MoneyError::Overflow);
        }
        let (product, denominator) = (i128::from(self.amount) * i128::from(numerator), i128::from(denominator));
        let (floor, rest) = (product.div_euclid(denominator), product.rem_euclid(denominator));
        let up = match (rest * 2).cmp(&denominator) {
            Ordering::Less => false,
            Ordering::Equal => floor.rem_euclid(2) == 1,
            Ordering::Greater => true,
        };
        self.with(i64::try_from(floor + i128::from(up)).ok())
    }

    /// The amount as a price: not below zero and not above [`MAX_AMOUNT`].
    pub fn as_price(self) -> Result<Self, Invalid> {
        if (0..=MAX_AMOUNT).contains(&self.amount) {
            Ok(self)
        } else {
            Err(Invalid::new("invalid_price", format!("A price is from 0 to {MAX_AMOUNT} minor units.")))
        }
    }

    /// The amount in major units, without the currency: `19.99`.
    pub fn decimal(self) -> String {
        let digits = self.currency.exponent() as usize;
        let sign = if self.is_negative() { "-" } else { "" };
        let units = format!("{:0>width$}", self.amount.unsigned_abs(), width = digits + 1);
        let (major, minor) = units.split_at(units.len() - digits);
        let point = if digits == 0 { "" } else { "." };
        format!("{sign}{major}{point}{minor}")
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch(self.currency, other.currency))
        }
    }

    pub(crate) fn with(self, amount: Option<i64>) -> Result<Self, MoneyError> {
        amount.map(|amount| Self { amount, ..self }).ok_or(MoneyError::Overflow)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eur(amount: i64) -> Money {
        Money::new(amount, Currency::EUR)
    }

    #[test]
    fn only_nothing_is_zero() {
        assert_eq!([-1, 0, 1].map(|amount| eur(amount).is_zero()), [false, true, false]);
    }

    #[test]
    fn money_is_written_with_the_decimals_of_its_currency() {
        let written = [
            eur(1999),
            eur(5),
            eur(-5),
            eur(-1234),
            Money::new(1999, Currency::JPY),
            Money::zero(Currency::JPY),
            Money::new(1999, Currency::KWD),
            eur(i64::MIN),
        ]
        .map(|money| money.to_string());
        assert_eq!(
            written,
            [
                "19.99 EUR",
                "0.05 EUR",
                "-0.05 EUR",
                "-12.34 EUR",
                "1999 JPY",
                "0 JPY",
                "1.999 KWD",
                "-92233720368547758.08 EUR"
            ]
        );
    }

    #[test]
    fn halves_are_rounded_to_the_even_neighbour() {
        let half = |amount| eur(amount).ratio(1, 2).map(|money| money.amount);
        assert_eq!([1, 3, 5, -1, -3].map(half), [Ok(0), Ok(2), Ok(2), Ok(0), Ok(-2)]);
    }

    #[test]
    fn two_currencies_do_not_mix() {
        let yen = Money::new(1, Currency::JPY);
        let mismatch = MoneyError::CurrencyMismatch(Currency::EUR, Currency::JPY);
        assert_eq!(eur(1).checked_add(yen), Err(mismatch));
        assert_eq!(eur(1).checked_sub(yen), Err(mismatch));
        assert_eq!(eur(1).checked_cmp(yen), Err(mismatch));
    }

    #[test]
    fn amounts_too_large_are_refused_and_never_wrap() {
        assert_eq!(eur(i64::MAX).checked_add(eur(1)), Err(MoneyError::Overflow));
        assert_eq!(eur(i64::MIN).checked_sub(eur(1)), Err(MoneyError::Overflow));
        assert_eq!(eur(i64::MAX).checked_mul(2), Err(MoneyError::Overflow));
        assert_eq!(eur(i64::MAX).percent_bps(10_001), Err(MoneyError::Overflow));
        assert_eq!(eur(1).ratio(1, 0), Err(MoneyError::Overflow));
    }

    #[test]
    fn a_price_is_neither_negative_nor_beyond_the_bound() {
        assert!(eur(0).as_price().is_ok());
        assert!(eur(MAX_AMOUNT).as_price().is_ok());
        assert!(eur(-1).as_price().is_err());
        assert!(eur(MAX_AMOUNT + 1).as_price().is_err());
    }

    #[test]
    fn money_has_one_json_form() {
        let json = r#"{"amount":1999,"currency":"EUR"}"#;
        assert_eq!(serde_json::to_string(&eur(1999)).unwrap(), json);
        assert_eq!(serde_json::from_str::<Money>(json).unwrap(), eur(1999));
        for refused in [
            r#"{"amount":1.5,"currency":"EUR"}"#,
            r#"{"amount":"1","currency":"EUR"}"#,
            r#"{"amount":1,"currency":"eur"}"#,
            r#"{"amount":1,"currency":"EUR","cents":2}"#,
            r#"{"amount":9223372036854775808,"currency":"EUR"}"#,
        ] {
            assert!(serde_json::from_str::<Money>(refused).is_err(), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn a_ratio_is_off_by_at_most_half_a_unit(
            amount: i64, numerator in -1_000_000..1_000_000_i64, denominator in 1..1_000_000_i64,
        ) {
            if let Ok(result) = eur(amount).ratio(numerator, denominator) {
                let exact = i128::from(amount) * i128::from(numerator);
                let distance = i128::from(result.amount) * i128::from(denominator) - exact;
                prop_assert!(distance.abs() * 2 <= i128::from(denominator));
            }
        }
    }
}
