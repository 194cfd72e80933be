//! `OrderConfirmed`: what was reserved is sold.

use events::{Envelope, OrderConfirmed};

use crate::domain::Outcome;
use crate::handlers::settlement::{Delivery, Deps, Failed, LoadHold, SettleHold, settle};

const CONSUMER: &str = "catalog-on-order-confirmed";

pub async fn handle(deps: &Deps<impl LoadHold + SettleHold>, event: Envelope<OrderConfirmed>) -> Result<(), Failed> {
    let delivery = Delivery { consumer: CONSUMER, event: event.id, now: (deps.now)() };
    settle(&deps.catalog, event.data.order.order_id, Outcome::Confirmed, delivery).await
}
