//! Asks the provider to open a payment, and writes down what it says.
//!
//! Several requests may do so for the same payment at once: all ask under the same key and hear of the same intent, the first writes it
//! down, the others find it there.

use api::idempotency::Standing;
use api::{Code, Problem, Request, Response};
use dynamo::{Row, WriteError};
use tracing::{info, warn};

use super::{Deps, FinishPayment, Hold, TRIES};
use crate::domain::{Contradiction, Fact, Failure, Payment, PaymentStatus};
use crate::handlers::{CancelIntent, OpenIntent, PaymentView};
use crate::stripe::{Intent, ProviderError};

/// What the provider said.
enum Said {
    Opened {
        intent: String,
        fact: Fact,
    },
    /// It will say the same next time; the answer is kept under the key.
    Refused {
        failure: Failure,
        answer: Response,
    },
}

pub(super) async fn open<S, P>(
    deps: &Deps<S, P>,
    hold: &Hold<'_>,
    payment: Row<Payment>,
    request: &Request,
) -> Result<Response, Problem>
where
    S: FinishPayment,
    P: OpenIntent + CancelIntent,
{
    let said = match deps.provider.open_intent(&payment.body).await {
        Ok(intent) => opened(intent)?,
        Err(error) => {
            let failed = matches!(error, ProviderError::Failed(_));
            match read_refusal(error) {
                Refusal::Final(problem) => refused(problem, request),
                Refusal::ForNow(problem) => return postpone(deps, hold, payment, failed, problem).await,
            }
        }
    };
    write_down(deps, hold, payment, &said).await
}

fn opened(intent: Intent) -> Result<Said, Problem> {
    let secret = intent.client_secret.ok_or_else(|| Problem::internal("the provider gave no client secret"))?;
    Ok(Said::Opened { intent: intent.id, fact: Fact::Opened { client_secret: secret } })
}

fn refused(problem: Problem, request: &Request) -> Said {
    let failure = Failure { code: problem.code().as_str().to_owned(), detail: problem.detail().to_owned() };
    Said::Refused { failure, answer: problem.final_answer(request) }
}

async fn write_down<S, P>(
    deps: &Deps<S, P>,
    hold: &Hold<'_>,
    payment: Row<Payment>,
    said: &Said,
) -> Result<Response, Problem>
where
    S: FinishPayment,
    P: CancelIntent,
{
    let (id, mut before) = (payment.body.id, payment);
    for _ in 0..TRIES {
        let now = (deps.clock.now)();
        let (after, response) = match said {
            Said::Opened { intent, fact } => match before.body.learn(intent, fact, now) {
                Ok(outcome) if outcome.payment.status == PaymentStatus::Cancelled => {
                    // The order was closed while the provider was asked. Nobody has the secret, so a leftover intent does no harm.
                    cancel_leftover(deps, &before.body, intent).await;
                    return Err(Problem::new(Code::OrderNotPayable));
                }
                Ok(outcome) => {
                    let response = PaymentView::created(&outcome.payment);
                    (outcome.payment, response)
                }
                Err(Contradiction::OtherIntent { .. }) => {
                    // Another request, under a newer key, or a stray was faster; nobody has this intent's secret either.
                    cancel_leftover(deps, &before.body, intent).await;
                    (before.body.clone(), PaymentView::created(&before.body))
                }
                Err(impossible) => return Err(Problem::internal(impossible)),
            },
            Said::Refused { failure, answer } if before.body.status == PaymentStatus::Created => {
                (before.body.refused(failure.clone(), now), answer.clone())
            }
            Said::Refused { answer, .. } if before.body.provider_id.is_none() => (before.body.clone(), answer.clone()),
            Said::Refused { .. } => (before.body.clone(), PaymentView::created(&before.body)),
        };
        match deps.store.finish(&before, &after, hold, &response, now).await {
            Ok(()) => {
                info!(payment_id = %id, order_id = %after.order_id, status = ?after.status, "answered by the provider");
                return Ok(response);
            }
            Err(WriteError::Store(error)) => return Err(error.into()),
            Err(WriteError::Refused(_)) => {}
        }
        // A webhook, a closed order, or a request that opened it too: all of them left rows that say what is true now.
        let (payment, record) = deps.store.reload(id, hold.claim).await?;
        if let Ok(Standing::Answered(response)) = hold.claim.standing(record, now) {
            return Ok(response);
        }
        before = payment.ok_or_else(|| Problem::internal("a payment is gone"))?;
    }
    Err(Problem::new(Code::TryAgain))
}

async fn cancel_leftover<S, P: CancelIntent>(deps: &Deps<S, P>, payment: &Payment, intent: &str) {
    if let Err(error) = deps.provider.cancel_intent(intent).await {
        warn!(payment_id = %payment.id, intent, cause = %error, "an intent that nobody needs stays open");
    }
}

/// The provider did not answer this request. Another may have had more luck; otherwise the next one goes on at once.
async fn postpone<S: FinishPayment, P>(
    deps: &Deps<S, P>,
    hold: &Hold<'_>,
    before: Row<Payment>,
    failed: bool,
    problem: Problem,
) -> Result<Response, Problem> {
    let (id, now) = (before.body.id, (deps.clock.now)());
    let Ok((Some(found), _)) = deps.store.reload(id, hold.claim).await else {
        warn!(payment_id = %id, "the next try has to wait for the lease");
        return Err(problem);
    };
    if found.body.is_payable() {
        let response = PaymentView::created(&found.body);
        if deps.store.finish(&found, &found.body, hold, &response, now).await.is_ok() {
            return Ok(response);
        }
    }
    // After a failure that the provider keeps for the key, the next try needs another; but only one step for each that failed.
    let same_try = found.body.failures == before.body.failures && found.body.status == PaymentStatus::Created;
    let after = if failed && same_try { found.body.tried(now) } else { found.body.clone() };
    if let Err(error) = deps.store.leave(&found, &after, hold, now).await {
        warn!(payment_id = %id, cause = ?error, "the next try has to wait for the lease");
    }
    Err(problem)
}

/// What a provider's error means to the shopper.
enum Refusal {
    Final(Problem),
    ForNow(Problem),
}

fn read_refusal(error: ProviderError) -> Refusal {
    let code = match (&error, error.refusal_code()) {
        (_, Some("amount_too_small")) => return Refusal::Final(Problem::new(Code::AmountBelowMinimum).because(error)),
        (_, Some("amount_too_large")) => return Refusal::Final(Problem::new(Code::AmountTooLarge).because(error)),
        (ProviderError::NotConfigured(_), _) => Code::ProviderNotConfigured,
        (ProviderError::Failed(_) | ProviderError::Unavailable(_), _) => Code::ProviderUnavailable,
        (ProviderError::Refused(_), _) => Code::InternalError,
    };
    Refusal::ForNow(Problem::new(code).because(error))
}
