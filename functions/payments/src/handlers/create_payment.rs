//! `POST /orders/{id}/payments`: begin to pay for an order.
//!
//! The payment is written down before the provider hears of it, and its id is the provider's idempotency key: whatever is lost on the
//! way, the next try with the shopper's own key goes on with the same payment and the same intent.

use api::idempotency::{Claim, Record, Standing, Started};
use api::{Authenticator, Capability, Code, Problem, Request, Response};
use dynamo::{Row, StoreError, WriteError};
use kernel::{OrderId, PaymentId, Timestamp};
use orders::interface::Order;
use schemars::JsonSchema;
use serde::Deserialize;
use tracing::{info, warn};

use crate::domain::{Debt, Fact, Failure, Payment, PaymentStatus, PaymentWindow, Provider};
use crate::handlers::{CancelIntent, Clock, OpenIntent, PaymentView, Raced};
use crate::stripe::{Intent, ProviderError};

/// Tries against requests with the same key, and against the provider's webhooks.
const TRIES: u32 = 3;

pub trait LoadOrder {
    /// The order, and what was answered under the claim's key.
    async fn load_order(&self, id: OrderId, claim: &Claim) -> Result<(Option<Order>, Option<Row<Record>>), StoreError>;
}

pub trait BeginPayment {
    /// Writes the payment down, claims the key, and holds the order open.
    async fn begin(
        &self,
        payment: Payment,
        extension: &Extension,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<Row<Payment>, WriteError<NotBegun>>;
}

pub trait ResumePayment {
    /// Takes over what another request left, and holds the order open.
    async fn resume(
        &self,
        extension: &Extension,
        claim: &Claim,
        left: &Started,
        now: Timestamp,
    ) -> Result<(), WriteError<NotBegun>>;
}

pub trait FinishPayment {
    async fn reload(
        &self,
        id: PaymentId,
        claim: &Claim,
    ) -> Result<(Option<Row<Payment>>, Option<Row<Record>>), StoreError>;

    /// Writes what the provider answered, and the answer of this request.
    async fn finish(
        &self,
        before: &Row<Payment>,
        after: &Payment,
        claim: &Claim,
        response: &Response,
        now: Timestamp,
    ) -> Result<(), WriteError<Raced>>;

    /// Lets the next request go on at once.
    async fn leave(&self, id: PaymentId, claim: &Claim, now: Timestamp) -> Result<(), WriteError<Raced>>;
}

/// An order, and until when it is held open for the payment.
#[derive(Debug, Clone)]
pub struct Extension {
    pub order: Order,
    pub until: Timestamp,
}

/// Why a payment was not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBegun {
    OrderClosed,
    /// Another request with the same key was faster.
    KeyTaken,
}

pub struct Deps<S, P> {
    pub store: S,
    pub provider: P,
    pub auth: Authenticator,
    pub capability: Capability,
    pub window: PaymentWindow,
    pub clock: Clock,
}

/// How the shopper wants to pay.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePayment {
    provider: Provider,
}

pub async fn handle<S, P>(deps: &Deps<S, P>, request: Request) -> Result<Response, Problem>
where
    S: LoadOrder + BeginPayment + ResumePayment + FinishPayment,
    P: OpenIntent + CancelIntent,
{
    let order_id: OrderId = request.path_parameter("id")?;
    let caller = deps.auth.caller(&request).await?;
    let token = request.header("order-token");
    let CreatePayment { provider } = request.json()?;
    let claim = Claim::read(&request, "POST /orders/{id}/payments", &caller.principal(token))?;
    for _ in 0..TRIES {
        let now = (deps.clock.now)();
        let (order, record) = deps.store.load_order(order_id, &claim).await?;
        // Somebody else's order is answered like none.
        let order = order
            .filter(|order| order.opens_to(&caller, token, &deps.capability))
            .ok_or_else(|| Problem::new(Code::NotFound))?;
        let standing = claim.standing(record, now)?;
        if let Standing::Answered(response) = standing {
            return Ok(response);
        }
        let until = deps.window.of(&order, now).ok_or_else(|| Problem::new(Code::OrderNotPayable))?;
        let extension = Extension { order, until };
        let begun = match &standing {
            Standing::Left(left) => resume(deps, &extension, &claim, left, now).await?,
            _ => begin(deps, &extension, provider, &claim, now).await?,
        };
        if let Some(payment) = begun {
            return open(deps, &claim, payment, &request).await;
        }
    }
    Err(Problem::new(Code::TryAgain))
}

/// The payment, once it is written down; none when another request with the same key was faster.
async fn begin<S: BeginPayment, P>(
    deps: &Deps<S, P>,
    extension: &Extension,
    provider: Provider,
    claim: &Claim,
    now: Timestamp,
) -> Result<Option<Row<Payment>>, Problem> {
    let order = &extension.order;
    let debt = Debt {
        order_id: order.id,
        amount: order.total,
        user_id: order.user_id.clone(),
        token_version: order.token_version,
    };
    let id = PaymentId::new((deps.clock.new_id)());
    let payment = Payment::new(id, provider, debt, order.trace.clone(), now);
    let row = unless_taken(deps.store.begin(payment, extension, claim, now).await)?;
    if row.is_some() {
        info!(payment_id = %id, order_id = %order.id, "begun");
    }
    Ok(row)
}

async fn resume<S: ResumePayment + FinishPayment, P>(
    deps: &Deps<S, P>,
    extension: &Extension,
    claim: &Claim,
    left: &Started,
    now: Timestamp,
) -> Result<Option<Row<Payment>>, Problem> {
    if unless_taken(deps.store.resume(extension, claim, left, now).await)?.is_none() {
        return Ok(None);
    }
    let id: PaymentId = left.subject.parse().map_err(Problem::internal)?;
    let (payment, _) = deps.store.reload(id, claim).await?;
    info!(payment_id = %id, order_id = %extension.order.id, "resumed");
    payment.map(Some).ok_or_else(|| Problem::internal("a claim names a payment that is not there"))
}

fn unless_taken<T>(written: Result<T, WriteError<NotBegun>>) -> Result<Option<T>, Problem> {
    match written {
        Ok(written) => Ok(Some(written)),
        Err(WriteError::Refused(refusals)) if refusals.contains(&NotBegun::KeyTaken) => Ok(None),
        Err(WriteError::Refused(_)) => Err(Problem::new(Code::OrderNotPayable)),
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}

/// Asks the provider, and writes down what it says.
async fn open<S, P>(
    deps: &Deps<S, P>,
    claim: &Claim,
    payment: Row<Payment>,
    request: &Request,
) -> Result<Response, Problem>
where
    S: FinishPayment,
    P: OpenIntent + CancelIntent,
{
    let id = payment.body.id;
    let refusal = match deps.provider.open_intent(&payment.body).await {
        Ok(intent) => return accept(deps, claim, payment, intent).await,
        Err(error) => read_refusal(error),
    };
    let now = (deps.clock.now)();
    match refusal {
        Refusal::Final(problem) => {
            let failure = Failure { code: problem.code().as_str().to_owned(), detail: problem.detail().to_owned() };
            let response = problem.final_answer(request);
            let after = payment.body.refused(failure, now);
            deps.store.finish(&payment, &after, claim, &response, now).await.map_err(raced)?;
            Ok(response)
        }
        Refusal::ForNow(problem) => {
            if let Err(error) = deps.store.leave(id, claim, now).await {
                warn!(payment_id = %id, cause = ?error, "the next try has to wait for the lease");
            }
            Err(problem)
        }
    }
}

async fn accept<S, P>(
    deps: &Deps<S, P>,
    claim: &Claim,
    payment: Row<Payment>,
    intent: Intent,
) -> Result<Response, Problem>
where
    S: FinishPayment,
    P: CancelIntent,
{
    let secret = intent.client_secret.ok_or_else(|| Problem::internal("the provider gave no client secret"))?;
    let opened = Fact::Opened { client_secret: secret };
    let (id, mut before) = (payment.body.id, payment);
    for _ in 0..TRIES {
        let now = (deps.clock.now)();
        let after = before.body.learn(&intent.id, &opened, now).map_err(Problem::internal)?.payment;
        if after.status == PaymentStatus::Cancelled {
            // The order was closed while the provider was asked. Nobody has the secret, so a leftover intent does no harm.
            if let Err(error) = deps.provider.cancel_intent(&intent.id).await {
                warn!(payment_id = %id, cause = %error, "an intent of a closed order stays open");
            }
            return Err(Problem::new(Code::OrderNotPayable));
        }
        let response = Response::created(&format!("/payments/{id}"), &PaymentView::of(&after));
        match deps.store.finish(&before, &after, claim, &response, now).await {
            Ok(()) => {
                info!(payment_id = %id, order_id = %after.order_id, "opened");
                return Ok(response);
            }
            Err(WriteError::Store(error)) => return Err(error.into()),
            Err(WriteError::Refused(_)) => {}
        }
        // A webhook, a closed order, or a request that took this one over: all of them left rows that say what is true now.
        let (payment, record) = deps.store.reload(id, claim).await?;
        if let Ok(Standing::Answered(response)) = claim.standing(record, now) {
            return Ok(response);
        }
        before = payment.ok_or_else(|| Problem::internal("a payment is gone"))?;
    }
    Err(Problem::new(Code::TryAgain))
}

/// What a provider's error means to the shopper.
enum Refusal {
    /// It will be the same next time, and is kept under the key.
    Final(Problem),
    ForNow(Problem),
}

fn read_refusal(error: ProviderError) -> Refusal {
    let code = match (&error, error.refusal_code()) {
        (_, Some("amount_too_small")) => return Refusal::Final(Problem::new(Code::AmountBelowMinimum).because(error)),
        (_, Some("amount_too_large")) => return Refusal::Final(Problem::new(Code::AmountTooLarge).because(error)),
        (ProviderError::NotConfigured(_), _) => Code::ProviderNotConfigured,
        (ProviderError::Unavailable(_), _) => Code::ProviderUnavailable,
        (ProviderError::Refused(_), _) => Code::InternalError,
    };
    Refusal::ForNow(Problem::new(code).because(error))
}

fn raced(error: WriteError<Raced>) -> Problem {
    match error {
        WriteError::Refused(_) => Problem::new(Code::TryAgain),
        WriteError::Store(error) => error.into(),
    }
}

#[cfg(test)]
mod tests;
