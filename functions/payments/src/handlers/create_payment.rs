//! `POST /orders/{id}/payments`: begin to pay for an order, or go on paying.
//!
//! An order has one payment that can be paid. Under whatever key the shopper asks, while that one is open the answer is that one: Stripe
//! takes another card on the same intent. A new payment follows only one that nobody can pay any more.
//!
//! The payment is written down before the provider hears of it, and its id is the provider's idempotency key: whatever is lost on the
//! way, the next try, under any key, goes on with the same payment and the same intent.

mod opening;

use api::idempotency::{Claim, Record, Standing, Started};
use api::{Authenticator, Capability, Code, Problem, Request, Response};
use dynamo::{Row, StoreError, WriteError};
use kernel::{OrderId, PaymentId, Timestamp};
use orders::interface::Order;
use schemars::JsonSchema;
use serde::Deserialize;
use tracing::info;

use crate::domain::{Attempts, Debt, Payment, PaymentWindow, Plan, Provider, plan};
use crate::handlers::{CancelIntent, Clock, OpenIntent, PaymentView, Raced};

/// Tries against requests for the same order, and against the provider's webhooks.
const TRIES: u32 = 5;

pub trait LoadOrder {
    /// The order, its payments, and what was answered under the claim's key.
    async fn load_order(&self, id: OrderId, claim: &Claim) -> Result<Found, StoreError>;
}

pub trait LoadLive {
    async fn load_live(&self, id: PaymentId) -> Result<Option<Row<Payment>>, StoreError>;
}

pub trait BeginPayment {
    /// Writes the payment down as the live one of its order, claims the key, and holds the order open.
    async fn begin(
        &self,
        payment: Payment,
        before: Option<&Row<Attempts>>,
        after: &Attempts,
        hold: &Hold<'_>,
        now: Timestamp,
    ) -> Result<Row<Payment>, WriteError<NotBegun>>;
}

pub trait JoinPayment {
    /// Claims the key for opening a payment that is written down, and holds the order open.
    async fn join(&self, payment: PaymentId, hold: &Hold<'_>, now: Timestamp) -> Result<(), WriteError<NotBegun>>;
}

pub trait ShowPayment {
    /// Writes the answer of this request, and holds the order open.
    async fn show(&self, hold: &Hold<'_>, response: &Response, now: Timestamp) -> Result<(), WriteError<NotBegun>>;
}

pub trait FinishPayment {
    async fn reload(
        &self,
        id: PaymentId,
        claim: &Claim,
    ) -> Result<(Option<Row<Payment>>, Option<Row<Record>>), StoreError>;

    /// Writes what the provider answered, if that is new, and the answer of this request.
    async fn finish(
        &self,
        before: &Row<Payment>,
        after: &Payment,
        hold: &Hold<'_>,
        response: &Response,
        now: Timestamp,
    ) -> Result<(), WriteError<Raced>>;

    /// Lets the next request go on at once, with the payment `after` what the provider did, if that changed it.
    async fn leave(
        &self,
        before: &Row<Payment>,
        after: &Payment,
        hold: &Hold<'_>,
        now: Timestamp,
    ) -> Result<(), WriteError<Raced>>;
}

/// What there is when a request comes in.
#[derive(Debug)]
pub struct Found {
    pub order: Option<Order>,
    pub attempts: Option<Row<Attempts>>,
    pub record: Option<Row<Record>>,
}

/// A request's hold on its key and on its order.
#[derive(Debug)]
pub struct Hold<'a> {
    pub claim: &'a Claim,
    /// What an earlier request with the key left.
    pub left: Option<Started>,
    pub order: Order,
    /// Until when the order stays open for the payment.
    pub until: Timestamp,
}

impl Hold<'_> {
    /// What the key was claimed for: by this request `payment`, or what an earlier one had in mind.
    #[must_use]
    pub fn subject(&self, payment: PaymentId) -> String {
        self.left.as_ref().map_or_else(|| payment.to_string(), |left| left.subject.clone())
    }

    /// Whether the order would close too early as it is.
    #[must_use]
    pub fn extends(&self) -> bool {
        self.until > self.order.expires_at
    }
}

/// Why nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBegun {
    OrderClosed,
    /// Another request, with the same key or for the same order, was faster.
    Taken,
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
    S: LoadOrder + LoadLive + BeginPayment + JoinPayment + ShowPayment + FinishPayment,
    P: OpenIntent + CancelIntent,
{
    let order_id: OrderId = request.path_parameter("id")?;
    let caller = deps.auth.caller(&request).await?;
    let token = request.header("order-token");
    let CreatePayment { provider } = request.json()?;
    let claim = Claim::read(&request, "POST /orders/{id}/payments", &caller.principal(token))?;
    for _ in 0..TRIES {
        let now = (deps.clock.now)();
        let Found { order, attempts, record } = deps.store.load_order(order_id, &claim).await?;
        // Somebody else's order is answered like none.
        let order = order
            .filter(|order| order.opens_to(&caller, token, &deps.capability))
            .ok_or_else(|| Problem::new(Code::NotFound))?;
        let left = match claim.standing(record, now)? {
            Standing::Answered(response) => return Ok(response),
            Standing::Left(left) => Some(left),
            Standing::Free => None,
        };
        let until = deps.window.of(&order, now).ok_or_else(|| Problem::new(Code::OrderNotPayable))?;
        let hold = Hold { claim: &claim, left, order, until };
        let live = match &attempts {
            Some(attempts) => deps.store.load_live(attempts.body.live).await?,
            None => None,
        };
        let known = attempts.as_ref().map(|row| &row.body);
        let taken = match (plan(known, live.as_ref().map(|row| &row.body)), live) {
            (Plan::NotPayable, _) => return Err(Problem::new(Code::OrderNotPayable)),
            (Plan::Show, Some(live)) => match show(deps, &hold, &live.body, now).await? {
                Some(response) => return Ok(response),
                None => None,
            },
            (Plan::Join, Some(live)) => join(deps, &hold, live, now).await?,
            _ => begin(deps, &hold, attempts.as_ref(), provider, now).await?,
        };
        if let Some(payment) = taken {
            return opening::open(deps, &hold, payment, &request).await;
        }
    }
    Err(Problem::new(Code::TryAgain))
}

/// The new payment, once it is written down; none when another request was faster.
async fn begin<S: BeginPayment, P>(
    deps: &Deps<S, P>,
    hold: &Hold<'_>,
    attempts: Option<&Row<Attempts>>,
    provider: Provider,
    now: Timestamp,
) -> Result<Option<Row<Payment>>, Problem> {
    let order = &hold.order;
    let debt = Debt {
        order_id: order.id,
        amount: order.total,
        user_id: order.user_id.clone(),
        token_version: order.token_version,
    };
    let id = PaymentId::new((deps.clock.new_id)());
    let payment = Payment::new(id, provider, debt, order.trace.clone(), now);
    let first = || Attempts::first(order.id, id, now);
    let after = attempts.map_or_else(first, |attempts| attempts.body.with_live(id, now));
    let row = unless_taken(deps.store.begin(payment, attempts, &after, hold, now).await)?;
    if row.is_some() {
        info!(payment_id = %id, order_id = %order.id, "begun");
    }
    Ok(row)
}

async fn join<S: JoinPayment, P>(
    deps: &Deps<S, P>,
    hold: &Hold<'_>,
    live: Row<Payment>,
    now: Timestamp,
) -> Result<Option<Row<Payment>>, Problem> {
    let joined = unless_taken(deps.store.join(live.body.id, hold, now).await)?;
    if joined.is_some() {
        info!(payment_id = %live.body.id, order_id = %hold.order.id, "joined");
    }
    Ok(joined.map(|()| live))
}

async fn show<S: ShowPayment, P>(
    deps: &Deps<S, P>,
    hold: &Hold<'_>,
    live: &Payment,
    now: Timestamp,
) -> Result<Option<Response>, Problem> {
    let response = PaymentView::created(live);
    let shown = unless_taken(deps.store.show(hold, &response, now).await)?;
    if shown.is_some() {
        info!(payment_id = %live.id, order_id = %hold.order.id, "shown again");
    }
    Ok(shown.map(|()| response))
}

fn unless_taken<T>(written: Result<T, WriteError<NotBegun>>) -> Result<Option<T>, Problem> {
    match written {
        Ok(written) => Ok(Some(written)),
        Err(WriteError::Refused(refusals)) if refusals.contains(&NotBegun::Taken) => Ok(None),
        Err(WriteError::Refused(_)) => Err(Problem::new(Code::OrderNotPayable)),
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
