//! What a payment makes of what its provider tells. Facts come late, twice and in any order; money that moved always counts.

use kernel::{Money, Timestamp};

use crate::domain::{ClientSecret, Failure, Payment, PaymentStatus};

/// Something a provider tells about one of its intents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// It is there and waits for the shopper.
    Opened { client_secret: ClientSecret },
    /// The money was taken.
    Succeeded { amount: Money },
    /// An attempt did not succeed; another may.
    Failed(Failure),
    /// Nobody can pay it any more.
    Cancelled,
    /// Of what was `charged`, so much went back in all.
    Refunded { charged: Money, refunded: Money },
}

/// What the rest of the shop should hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    Captured(Money),
    /// The provider's word for why.
    Failed(String),
    /// So much more than before went back.
    Refunded(Money),
}

/// The payment after a fact, and what to announce; an unchanged payment announces nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub payment: Payment,
    pub news: Vec<News>,
}

/// A fact that cannot be true of this payment. Nothing is done about it; people have to look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    #[error("the provider took {found}, but the payment is over {expected}")]
    Amount { expected: Money, found: Money },
    #[error("{refunded} of {charged} cannot have gone back")]
    Refund { charged: Money, refunded: Money },
    #[error("the payment is known to the provider as {known}, not as {found}")]
    OtherIntent { known: String, found: String },
}

impl Payment {
    /// The payment once it knows `fact` about the provider's `intent`.
    ///
    /// Succeeded counts in every state, for the money is there. Whatever else comes late changes nothing: a failure or a cancellation
    /// that was overtaken by success, a refund total that is not larger than the known one. A refund implies that the money was taken.
    ///
    /// # Errors
    /// [`Contradiction`].
    pub fn learn(&self, intent: &str, fact: &Fact, now: Timestamp) -> Result<Outcome, Contradiction> {
        let mut payment = self.recognise(intent)?;
        let mut news = Vec::new();
        let awaits = matches!(self.status, PaymentStatus::Created | PaymentStatus::Pending | PaymentStatus::Failed);
        match fact {
            Fact::Opened { client_secret } => {
                payment.client_secret.get_or_insert_with(|| client_secret.clone());
                if self.status == PaymentStatus::Created {
                    payment.status = PaymentStatus::Pending;
                }
            }
            Fact::Succeeded { amount } => payment.capture(*amount, &mut news)?,
            // Given up, and the provider has it after all: it counts as open again, so that it is cancelled there.
            Fact::Failed(failure) if (awaits || self.was_given_up()) && self.failure.as_ref() != Some(failure) => {
                payment.status = PaymentStatus::Failed;
                payment.failure = Some(failure.clone());
                news.push(News::Failed(failure.code.clone()));
            }
            Fact::Cancelled if awaits => payment.status = PaymentStatus::Cancelled,
            Fact::Failed(_) | Fact::Cancelled => {}
            Fact::Refunded { charged, refunded } => payment.refund(*charged, *refunded, &mut news)?,
        }
        if payment != *self {
            payment.updated_at = now;
        }
        Ok(Outcome { payment, news })
    }

    /// The payment given up before the provider answered: its secret was never told, so nobody can pay it.
    #[must_use]
    pub fn given_up(&self, now: Timestamp) -> Payment {
        Payment { status: PaymentStatus::Cancelled, updated_at: now, ..self.clone() }
    }

    /// The payment that the provider will not open, for good.
    #[must_use]
    pub fn refused(&self, failure: Failure, now: Timestamp) -> Payment {
        Payment { status: PaymentStatus::Failed, failure: Some(failure), updated_at: now, ..self.clone() }
    }

    /// The payment after the provider failed to open it.
    #[must_use]
    pub fn tried(&self, now: Timestamp) -> Payment {
        Payment { failures: self.failures + 1, updated_at: now, ..self.clone() }
    }

    /// What the shop has and has not given back.
    #[must_use]
    pub fn kept(&self) -> Money {
        Money::new(self.captured.amount - self.refunded.amount, self.amount.currency)
    }

    /// Whether nobody waited any longer for the provider to name it.
    fn was_given_up(&self) -> bool {
        self.status == PaymentStatus::Cancelled && self.provider_id.is_none()
    }

    fn recognise(&self, intent: &str) -> Result<Payment, Contradiction> {
        match &self.provider_id {
            Some(known) if known != intent => {
                Err(Contradiction::OtherIntent { known: known.clone(), found: intent.to_owned() })
            }
            _ => Ok(Payment { provider_id: Some(intent.to_owned()), ..self.clone() }),
        }
    }

    fn capture(&mut self, amount: Money, news: &mut Vec<News>) -> Result<(), Contradiction> {
        if amount != self.amount {
            return Err(Contradiction::Amount { expected: self.amount, found: amount });
        }
        if self.captured.is_zero() {
            self.captured = amount;
            self.status = PaymentStatus::Captured;
            self.failure = None;
            news.push(News::Captured(amount));
        }
        Ok(())
    }

    fn refund(&mut self, charged: Money, refunded: Money, news: &mut Vec<News>) -> Result<(), Contradiction> {
        if refunded.currency != charged.currency || !(0..=charged.amount).contains(&refunded.amount) {
            return Err(Contradiction::Refund { charged, refunded });
        }
        self.capture(charged, news)?;
        let more = refunded.amount - self.refunded.amount;
        if more > 0 {
            self.refunded = refunded;
            self.status = if refunded == charged { PaymentStatus::Refunded } else { PaymentStatus::PartiallyRefunded };
            news.push(News::Refunded(Money::new(more, refunded.currency)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::payment::examples::{at, captured, created, eur, pending};

    fn succeeded() -> Fact {
        Fact::Succeeded { amount: eur(4599) }
    }

    fn declined() -> Fact {
        Fact::Failed(Failure { code: "card_declined".into(), detail: "The card was declined.".into() })
    }

    fn refunded(amount: i64) -> Fact {
        Fact::Refunded { charged: eur(4599), refunded: eur(amount) }
    }

    fn after(payment: &Payment, fact: &Fact) -> Outcome {
        payment.learn("pi_1", fact, at(9)).expect("no contradiction")
    }

    #[test]
    fn success_captures_from_every_state_that_has_no_money_yet() {
        let failed = after(&pending(), &declined()).payment;
        let cancelled = after(&pending(), &Fact::Cancelled).payment;
        for payment in [created(), pending(), failed, cancelled] {
            let outcome = after(&payment, &succeeded());
            assert_eq!(outcome.news, [News::Captured(eur(4599))], "{:?}", payment.status);
            assert_eq!((outcome.payment.status, outcome.payment.captured), (PaymentStatus::Captured, eur(4599)));
            assert_eq!(outcome.payment.failure, None);
        }
    }

    #[test]
    fn what_the_shop_does_to_a_payment_itself_is_dated() {
        let failure = Failure { code: "amount_too_small".into(), detail: String::new() };
        let changed = [created().given_up(at(9)), created().refused(failure, at(9)), created().tried(at(9))];
        assert!(changed.iter().all(|payment| payment.updated_at == at(9)));
    }

    #[test]
    fn a_payment_that_was_given_up_is_open_again_once_the_provider_has_it_and_a_cancelled_one_stays_so() {
        let given_up = after(&created().given_up(at(5)), &declined());
        assert_eq!(
            (given_up.payment.status, given_up.payment.provider_id.as_deref()),
            (PaymentStatus::Failed, Some("pi_1"))
        );
        let cancelled = after(&pending(), &Fact::Cancelled).payment;
        assert_eq!(after(&cancelled, &declined()), Outcome { payment: cancelled, news: Vec::new() });
        let paid = Payment { provider_id: None, ..captured() };
        assert_eq!(after(&paid, &declined()).payment.status, PaymentStatus::Captured);
    }

    #[test]
    fn a_repeated_or_overtaken_fact_changes_nothing() {
        let paid = captured();
        for fact in [succeeded(), declined(), Fact::Cancelled, refunded(0)] {
            assert_eq!(after(&paid, &fact), Outcome { payment: paid.clone(), news: Vec::new() }, "{fact:?}");
        }
        let failed = after(&pending(), &declined()).payment;
        assert_eq!(after(&failed, &declined()), Outcome { payment: failed, news: Vec::new() });
        let back = after(&paid, &refunded(1000)).payment;
        assert_eq!(after(&back, &refunded(400)), Outcome { payment: back, news: Vec::new() });
    }

    #[test]
    fn the_providers_answer_may_come_after_its_webhook() {
        let paid = after(&created(), &succeeded()).payment;
        let opened = Fact::Opened { client_secret: "secret".to_owned().into() };
        let outcome = after(&paid, &opened);
        assert_eq!((outcome.payment.status, outcome.news), (PaymentStatus::Captured, Vec::new()));
        assert!(outcome.payment.client_secret.is_some());
    }

    #[test]
    fn refunds_are_told_by_what_is_new() {
        let part = after(&captured(), &refunded(1000));
        assert_eq!(
            (part.payment.status, part.news),
            (PaymentStatus::PartiallyRefunded, vec![News::Refunded(eur(1000))])
        );
        let all = after(&part.payment, &refunded(4599));
        assert_eq!((all.payment.status, all.news), (PaymentStatus::Refunded, vec![News::Refunded(eur(3599))]));
        assert_eq!(all.payment.kept(), eur(0));
    }

    #[test]
    fn a_refund_heard_of_first_implies_the_capture() {
        let outcome = after(&pending(), &refunded(4599));
        assert_eq!(outcome.news, [News::Captured(eur(4599)), News::Refunded(eur(4599))]);
        assert_eq!(after(&outcome.payment, &succeeded()).news, []);
    }

    #[test]
    fn what_cannot_be_true_is_not_believed() {
        let dollars = Money::new(4599, kernel::Currency::USD);
        let impossible = [
            Fact::Succeeded { amount: eur(4598) },
            Fact::Succeeded { amount: dollars },
            refunded(4600),
            refunded(-1),
            Fact::Refunded { charged: eur(5000), refunded: eur(100) },
            Fact::Refunded { charged: eur(4599), refunded: dollars },
        ];
        for fact in impossible {
            assert!(pending().learn("pi_1", &fact, at(9)).is_err(), "{fact:?}");
        }
        let other = pending().learn("pi_2", &succeeded(), at(9));
        assert!(matches!(other, Err(Contradiction::OtherIntent { .. })));
    }
}
