//! One payment of an order that is looked at.

use kernel::{OrderId, PaymentId};

use super::{Deps, Report};
use crate::domain::{Fact, Look, News, OrderState, RefundStatus, Stuck, book, look};
use crate::handlers::close_payment::{LoadHeld, NotClosed, close, through};
use crate::handlers::{CancelIntent, Held, RefundIntent, RetrieveIntent, RetrieveRefund, SaveChange, Step, commit};

/// The longest way: ask the intent, learn that it is a surplus, close it, ask for its refund, see that all is well.
const LOOKS: u32 = 5;

/// Does what is to be done about the payment, without asking or telling `again` what was asked or told before in this walk; whether it agrees with its order afterwards.
pub(super) async fn settle<S, P>(
    deps: &Deps<S, P>,
    order: OrderState,
    (id, order_id): (PaymentId, OrderId),
    grace: i64,
    again: bool,
    report: &mut Report,
) -> bool
where
    S: LoadHeld + SaveChange,
    P: CancelIntent + RetrieveIntent + RefundIntent + RetrieveRefund,
{
    let mut asked = again;
    for _ in 0..LOOKS {
        match step(deps, order, (id, order_id), grace, asked).await {
            Ok(Found::Agreed) => return true,
            Ok(Found::Open) | Err(NotClosed::InBetween(_)) => return false,
            Ok(Found::Raced) => {}
            Ok(Found::Mended(what)) => {
                asked = true;
                report.mended(order_id, id, what);
            }
            Ok(Found::Stuck(why)) => {
                report.stuck(order_id, Some(id), why);
                return false;
            }
            Err(cause) => {
                report.stuck(order_id, Some(id), &cause.to_string());
                return false;
            }
        }
    }
    false
}

enum Found {
    Agreed,
    Open,
    Mended(&'static str),
    Stuck(&'static str),
    /// Somebody else has written the payment.
    Raced,
}

async fn step<S, P>(
    deps: &Deps<S, P>,
    order: OrderState,
    (id, order_id): (PaymentId, OrderId),
    grace: i64,
    asked: bool,
) -> Result<Found, NotClosed>
where
    S: LoadHeld + SaveChange,
    P: CancelIntent + RetrieveIntent + RefundIntent + RetrieveRefund,
{
    let held = deps.store.load_held(id, order_id).await?.ok_or(NotClosed::Missing(id))?;
    let attempts = held.attempts().ok_or(NotClosed::Missing(id))?;
    let (payment, now) = (&held.payment.body, (deps.clock.now)());
    match look(order, attempts, payment, held.refund()) {
        Look::Agreed => Ok(Found::Agreed),
        Look::Open => Ok(Found::Open),
        // A batch is not one instant: money that has just been learned may be seen without its attempts.
        Look::Stuck(Stuck::Unbooked) if now.seconds_since(payment.updated_at) < grace => Ok(Found::Open),
        Look::Stuck(why) => Ok(Found::Stuck(why.as_str())),
        Look::Close(why) => match close(&deps.store, &deps.provider, deps.clock, (id, order_id), why).await {
            Ok(0) => Ok(Found::Open),
            Ok(_) => Ok(Found::Mended("closed")),
            Err(NotClosed::RefundFailed(_)) => Ok(Found::Stuck(Stuck::RefundFailed.as_str())),
            Err(cause) => Err(cause),
        },
        // What was learned just now, or a moment ago, is on its way to the order.
        Look::TellAgain if asked || now.seconds_since(payment.updated_at) < grace => Ok(Found::Open),
        Look::TellAgain => {
            let news = vec![News::Captured(payment.captured)];
            let told = save(deps, &held, Step { news, ..Step::quiet(payment.clone()) }, "told_again").await?;
            Ok(if matches!(told, Found::Mended(_)) { told } else { Found::Open })
        }
        Look::AskIntent if asked => Ok(Found::Open),
        Look::AskIntent => {
            let Some(intent) = payment.provider_id.as_deref() else { return Ok(Found::Open) };
            let Some(fact) = deps.provider.retrieve_intent(intent).await?.settled()? else { return Ok(Found::Open) };
            let what = if fact == Fact::Cancelled { "cancelled" } else { "captured" };
            let booked = book(order, held.attempts(), payment, intent, &fact, now)?;
            save(deps, &held, Step::new(booked), what).await
        }
        Look::AskRefund => {
            let Some((refund, provider_id)) =
                held.refund().and_then(|refund| Some((refund, refund.provider_id.clone()?)))
            else {
                return Ok(Found::Open);
            };
            let status = deps.provider.retrieve_refund(&provider_id).await?.status();
            let Some(heard) = refund.heard(status, &provider_id, now) else { return Ok(Found::Open) };
            let learned = save(deps, &held, through(&held, heard, deps.clock)?, "refund_succeeded").await?;
            let failed = status == RefundStatus::Failed && matches!(learned, Found::Mended(_));
            Ok(if failed { Found::Stuck(Stuck::RefundFailed.as_str()) } else { learned })
        }
    }
}

async fn save<S: SaveChange, P>(
    deps: &Deps<S, P>,
    held: &Held,
    step: Step,
    what: &'static str,
) -> Result<Found, NotClosed> {
    let committed = commit(&deps.store, held, step, deps.clock).await?;
    Ok(if committed { Found::Mended(what) } else { Found::Raced })
}
