//! Whatever a provider tells in whatever order, the money stays right.

use kernel::Money;
use proptest::prelude::*;

use crate::domain::payment::examples::{at, created, eur};
use crate::domain::{Fact, Failure, News, Payment};

const AMOUNT: i64 = 4599;

fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        Just(Fact::Opened { client_secret: "secret".to_owned().into() }),
        Just(Fact::Succeeded { amount: eur(AMOUNT) }),
        prop_oneof!["card_declined", "expired_card"]
            .prop_map(|code| Fact::Failed(Failure { detail: code.clone(), code })),
        Just(Fact::Cancelled),
        (0..=AMOUNT).prop_map(|amount| Fact::Refunded { charged: eur(AMOUNT), refunded: eur(amount) }),
        Just(Fact::Succeeded { amount: eur(AMOUNT - 1) }),
        Just(Fact::Refunded { charged: eur(AMOUNT), refunded: eur(AMOUNT + 1) }),
    ]
}

/// Tells `facts` one after another; what contradicts is left out, as it is in life.
fn tell(facts: &[Fact]) -> (Payment, Vec<News>) {
    let (mut payment, mut heard) = (created(), Vec::new());
    for (second, fact) in (10..).zip(facts) {
        if let Ok(outcome) = payment.learn("pi_1", fact, at(second)) {
            assert!(outcome.news.is_empty() || outcome.payment != payment, "news without a change");
            payment = outcome.payment;
            heard.extend(outcome.news);
        }
        let (captured, refunded) = (payment.captured.amount, payment.refunded.amount);
        assert!(0 <= refunded && refunded <= captured && captured <= payment.amount.amount);
    }
    (payment, heard)
}

proptest! {
    #[test]
    fn money_is_taken_at_most_once_and_never_more_goes_back(facts in prop::collection::vec(fact(), 0..30)) {
        let (payment, heard) = tell(&facts);
        let captures: Vec<Money> =
            heard.iter().filter_map(|news| if let News::Captured(amount) = news { Some(*amount) } else { None }).collect();
        prop_assert!(captures.len() <= 1);
        prop_assert_eq!(captures.iter().map(|amount| amount.amount).sum::<i64>(), payment.captured.amount);
        let back: i64 = heard.iter().map(|news| if let News::Refunded(amount) = news { amount.amount } else { 0 }).sum();
        prop_assert_eq!(back, payment.refunded.amount);
    }

    #[test]
    fn the_money_at_the_end_does_not_depend_on_the_order_of_telling(
        (facts, shuffled) in prop::collection::vec(fact(), 0..20)
            .prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle()))
    ) {
        let (one, other) = (tell(&facts).0, tell(&shuffled).0);
        prop_assert_eq!((one.captured, one.refunded), (other.captured, other.refunded));
    }

    #[test]
    fn telling_everything_twice_changes_nothing_about_the_money(facts in prop::collection::vec(fact(), 0..20)) {
        let twice = [facts.clone(), facts.clone()].concat();
        let (once, again) = (tell(&facts), tell(&twice));
        prop_assert_eq!((once.0.captured, once.0.refunded), (again.0.captured, again.0.refunded));
        let money = |heard: Vec<News>| heard.into_iter().filter(|news| !matches!(news, News::Failed(_))).collect::<Vec<_>>();
        prop_assert_eq!(money(once.1), money(again.1));
    }
}
